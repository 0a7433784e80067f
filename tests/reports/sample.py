"""A small batch with every kind of state in it, and strings that want to be code."""

import numpy as np
import simplejpeg

from safelight.reports.model import (
    BatchReport,
    CheckLine,
    DecisionLine,
    DeliveryLine,
    EvidenceLine,
    FileReport,
    MeasureLine,
    ProductReport,
    ReasonLine,
    RuleLine,
    StepLine,
    Thumbnail,
)

HOSTILE = (
    "<script>alert(1)</script>.jpg",
    '"><img src=x onerror=alert(2)>.jpg',
    "{{7*7}}{% raw %}.jpg",
    "=cmd()|' /C calc'!A0.jpg",
    "a\u202egpj.exe",
    "two\r\nlines\x00\x1b[31m.jpg",
    "caf\udce9.jpg",
    "'); alert(3); ('.jpg",
    "</style><script>alert(4)</script>",
    "</title><svg onload=alert(5)>",
    "javascript:alert(6)",
    "x" * 5000,
)


def picture(width: int = 160, height: int = 200, level: int = 140) -> Thumbnail:
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[height // 5 : -height // 5, width // 5 : -width // 5] = (level, 60, 40)
    return Thumbnail(simplejpeg.encode_jpeg(pixels, 85), width, height)


def heat() -> bytes:
    import cv2

    return cv2.imencode(".png", np.tile(np.arange(64, dtype=np.uint8) * 4, (80, 1)))[1].tobytes()


def checks(word="fail"):
    blur = MeasureLine("blur", 1.92, "px", 1.5, "at_most", word, "", "blur of the better edges")
    known = MeasureLine("added_blur", None, "px", 0.7, "at_most", "warn", "only 3 edges are found")
    evidence = (
        EvidenceLine("blur", (0.2, 0.3, 0.5, 0.6), "blur 1.9 px, worst here", heat(), picture(80, 80)),
        EvidenceLine("blur", (0.7, 0.02, 0.9, 0.2), "blur 1.7 px"),
    )
    profile = MeasureLine("embedded", 1.0, "", 1.0, "at_least", "pass")
    return (
        CheckLine("color_profile", "pass", (profile,)),
        CheckLine("sharpness", word, (blur, known), evidence, "Finds soft pictures."),
    )


def file(name="DSC_1.jpg", standing="waiting", **more) -> FileReport:
    steps = (StepLine("cutout", "feather 1.5 px", 0.62, False, (ReasonLine("hair band is doubtful", True),), "cutout"),)
    told = {
        "sku": "wj12",
        "view": "front",
        "category": "apparel",
        "cull_class": "pick",
        "cull_reasons": ("best of its group",),
        "route": "review",
        "queue": "edge_repair",
        "reasons": (ReasonLine("hair band on the left shoulder is doubtful", True), ReasonLine("zone 2")),
        "confidence": 0.62,
        "before": picture(level=90),
        "after": picture(),
        "steps": steps,
        "checks": checks(),
        "seconds": {"render": 0.9, "check": 0.3},
    }
    return FileReport(name, standing, **(told | more))


def batch() -> BatchReport:
    rules = (RuleLine("format", "pass"), RuleLine("longest-side", "fail", "should", 1580, "px", 2000, "at_least"))
    said = (DecisionLine("approve", "Ines <b>", "2026-11-19T14:28:11", "looks right", "sample"),)
    sent = file(
        "DSC_2.jpg",
        "delivered",
        route="auto",
        confidence=0.98,
        calibrated=True,
        checks=checks("pass"),
        deliveries=(DeliveryLine("amazon-main", "WJ12.MAIN.jpg", rules),),
        decisions=said,
    )
    alternate = file("DSC_3.jpg", "left_out", cull_class="alternate", group="g01", route="", confidence=None)
    pick = file("DSC_4.jpg", group="g01", stakes="high", route="specialist")
    refused = FileReport("DSC_5.jpg", "refused", category="unknown", quarantine="DSC_5.jpg is a PDF; give a picture")
    hostile = tuple(
        file(
            name,
            sku=name,
            view=name,
            category=name[:40],
            queue=name,
            group=name,
            reasons=(ReasonLine(name, True),),
            facts={name[:20]: name},
            steps=(StepLine(name, name, 0.5, False, (ReasonLine(name),), name, amended=True),),
            checks=(
                CheckLine(
                    name,
                    "fail",
                    (MeasureLine(name, 1.0, name[:9], 0.5, "at_most", "fail", name, name),),
                    (EvidenceLine(name, (0.1, 0.1, 0.4, 0.4), name),),
                    name,
                ),
            ),
            decisions=(DecisionLine(name, name, name, name),),
            deliveries=(DeliveryLine(name, name, (RuleLine(name, "fail"),)), DeliveryLine(name, name, refused=name)),
        )
        for name in HOSTILE
    )
    products = (
        ProductReport("wj12", "apparel", (file(), sent, alternate, pick), ("back",)),
        ProductReport("", "unknown", (refused,)),
        ProductReport(HOSTILE[1], HOSTILE[0], hostile, (HOSTILE[1],)),
    )
    return BatchReport(HOSTILE[0], HOSTILE[1], "2026-11-19T14:32:08+00:00", products, wall_s=12.0, workers=2)
