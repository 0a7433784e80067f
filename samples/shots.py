"""The shot list of the sample shoot: every frame, its set-up and its fault."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from camera import Fault
from studio import Lighting, View


@dataclass(frozen=True)
class Shot:
    """One frame of the shoot and the truth about it.

    Attributes
    ----------
    file : str
        Name as handed over by the studio.
    product : str
        SKU, or ``CHART``.
    view_name, category, material : str
        What a product sheet says; `material` is what a retoucher would fear.
    view, lighting, fault : View, Lighting, Fault
        How it was taken.
    lighting_group : str
        Frames of one group share light and exposure.
    defect : str
        Empty for a good frame.
    near_duplicate_group : str
        Frames a picker would choose one of.
    copy_of : str
        File whose bytes this one repeats.
    time, exposure_s, f_number : str, float, float
        What EXIF says.
    """

    file: str
    product: str
    view_name: str
    category: str
    material: str
    view: View
    lighting: Lighting = field(default_factory=Lighting)
    fault: Fault = field(default_factory=Fault)
    lighting_group: str = "softbox"
    defect: str = ""
    near_duplicate_group: str = ""
    copy_of: str = ""
    time: str = "2025:03:18 09:00:00"
    exposure_s: float = 1 / 60
    f_number: float = 11.0
    iso: int = 100

    @property
    def name(self) -> str:
        """File name without its ending."""
        return self.file.rsplit(".", 1)[0]

    @property
    def seed(self) -> int:
        """A number of its own for every frame, the same on every run."""
        return 1 + [s.file for s in SHOTS].index(self.file)


def _preset_gains(set_k: float, light_k: float) -> tuple[float, float, float]:
    """Error of a white balance preset: gains for `set_k` under light of `light_k`.

    Planck's law at 610, 545 and 450 nm, the peaks of typical camera bands;
    scaled so the strongest channel of white paper (0.80) just holds.
    """
    wavelength = np.array([610e-9, 545e-9, 450e-9])
    planck = lambda k: 1 / wavelength**5 / (np.exp(1.4388e-2 / (wavelength * k)) - 1)  # noqa: E731
    gains = planck(light_k) / planck(set_k)
    gains = gains / gains.max() * 1.12
    return tuple(round(float(g), 4) for g in gains)


TUNGSTEN_PRESET = _preset_gains(3600, 5500)
# left lamp halogen near 3200 K, right a window near 6000 K, camera set to daylight
MIXED = Lighting(key=10.0, key_tint=(1.38, 0.96, 0.50), fill=7.5, fill_tint=(0.90, 1.0, 1.16), top=1.6, wall=3.0)
GLASS = Lighting(flags=True, wall=4.6, key=9.0)

# no fault: a quarter stop down, as one does for white glaze and under bare lamps
HOLD_WHITES = Fault(exposure_stops=-0.25)

SHOTS: tuple[Shot, ...] = (
    Shot("IMG_0401.jpg", "CHART", "chart", "reference", "24-patch chart and gray card",
         View(elevation_deg=8, distance=8.6, target=(-0.02, 0, 0.68)), time="2025:03:18 09:02:11"),
    Shot("MUG-01_front.jpg", "MUG-01", "front", "tableware", "glossy glaze",
         View(yaw_deg=-14, elevation_deg=14, distance=5.2, target=(0.12, 0, 0.46)), time="2025:03:18 09:10:40"),
    Shot("MUG-01_back.jpg", "MUG-01", "back", "tableware", "glossy glaze",
         View(yaw_deg=148, elevation_deg=22, distance=5.2, target=(-0.10, 0, 0.44)),
         fault=Fault(exposure_stops=1.4), defect="overexposed", exposure_s=1 / 23, time="2025:03:18 09:12:05"),
    Shot("BOT-02_front.jpg", "BOT-02", "front", "drinkware", "matte powder coat",
         View(elevation_deg=5, distance=8.6, target=(0, 0, 1.26), portrait=True), time="2025:03:18 09:20:18"),
    Shot("BOT-02_side.jpg", "BOT-02", "side", "drinkware", "matte powder coat",
         View(yaw_deg=42, elevation_deg=12, distance=8.6, target=(0, 0, 1.22), portrait=True),
         fault=Fault(exposure_stops=-1.5), defect="underexposed", exposure_s=1 / 170, time="2025:03:18 09:21:52"),
    Shot("THM-03_front.jpg", "THM-03", "front", "drinkware", "brushed steel",
         View(elevation_deg=6, distance=8.2, target=(0, 0, 1.14), portrait=True), time="2025:03:18 09:31:07"),
    Shot("THM-03_top.jpg", "THM-03", "top", "drinkware", "brushed steel",
         View(yaw_deg=20, elevation_deg=30, distance=7.8, target=(0, 0, 1.10), portrait=True),
         fault=Fault(defocus_radius_px=7.0), defect="defocus", time="2025:03:18 09:33:30"),
    Shot("GLS-04_front.jpg", "GLS-04", "front", "glassware", "clear glass",
         View(elevation_deg=6, distance=7.6, target=(0, 0, 1.04), portrait=True),
         GLASS, lighting_group="glass", time="2025:03:18 09:52:44"),
    Shot("GLS-04_side.jpg", "GLS-04", "side", "glassware", "clear glass",
         View(yaw_deg=60, elevation_deg=10, distance=6.4, target=(0.88, 0, 1.06), portrait=True),
         defect="cut_off", time="2025:03:18 09:54:20"),
    Shot("BEN-05_front.jpg", "BEN-05", "front", "accessories", "rib knit and fluff",
         View(yaw_deg=8, elevation_deg=9, distance=6.3, target=(0.02, 0, 0.73)), time="2025:03:18 10:08:31"),
    Shot("CUS-12_front.jpg", "CUS-12", "front", "home textiles", "woven linen",
         View(yaw_deg=10, elevation_deg=12, distance=8.8, target=(0, 0, 0.92)), time="2025:03:18 10:15:02"),
    Shot("CUS-12_side.jpg", "CUS-12", "side", "home textiles", "woven linen",
         View(yaw_deg=-34, elevation_deg=16, distance=8.8, target=(0, 0, 0.90)),
         fault=Fault(gains=TUNGSTEN_PRESET), defect="white_balance", time="2025:03:18 10:16:40"),
    Shot("BAG-06_front.jpg", "BAG-06", "front", "bags", "pebbled leather and brass",
         View(yaw_deg=0, elevation_deg=9, distance=8.2, target=(0, 0, 0.86)), time="2025:03:18 10:40:12"),
    Shot("BAG-06_side.jpg", "BAG-06", "side", "bags", "pebbled leather and brass",
         View(yaw_deg=38, elevation_deg=14, distance=8.6, target=(0, 0, 0.84)),
         fault=Fault(motion_length_px=24.0, motion_angle_deg=18.0), defect="motion_blur",
         exposure_s=1 / 8, f_number=22.0, time="2025:03:18 10:42:55"),
    Shot("RNG-07_front.jpg", "RNG-07", "front", "jewelry", "gold and gem",
         View(yaw_deg=16, elevation_deg=10, distance=8.2, target=(0, 0, 1.20)), time="2025:03:18 11:05:26"),
    Shot("RNG-07_side.jpg", "RNG-07", "side", "jewelry", "gold and gem",
         View(yaw_deg=58, elevation_deg=20, distance=8.2, target=(0, 0, 1.17)), time="2025:03:18 11:08:03"),
    Shot("BWL-08_front.jpg", "BWL-08", "front", "tableware", "white porcelain on white",
         View(elevation_deg=12, distance=7.2, target=(0, 0, 0.38)),
         fault=HOLD_WHITES, lighting_group="softbox_white", exposure_s=1 / 71, time="2025:03:18 11:24:48"),
    Shot("BWL-08_top.jpg", "BWL-08", "top", "tableware", "white porcelain on white",
         View(elevation_deg=36, distance=7.4, target=(0, 0, 0.36)),
         fault=HOLD_WHITES, lighting_group="softbox_white", exposure_s=1 / 71, time="2025:03:18 11:25:59"),
    Shot("KET-09_front.jpg", "KET-09", "front", "tableware", "black cast iron",
         View(yaw_deg=-12, elevation_deg=10, distance=7.8, target=(0.10, 0, 0.74)), time="2025:03:18 11:41:17"),
    Shot("BOX-10_front.jpg", "BOX-10", "front", "food", "printed carton",
         View(yaw_deg=-24, elevation_deg=12, distance=7.2, target=(0, 0, 0.66)), time="2025:03:18 13:02:09"),
    Shot("BOX-10_side.jpg", "BOX-10", "side", "food", "printed carton",
         View(yaw_deg=34, elevation_deg=14, distance=7.2, target=(0, 0, 0.66)), MIXED,
         fault=HOLD_WHITES, lighting_group="mixed", defect="mixed_light",
         exposure_s=1 / 71, time="2025:03:18 13:06:33"),
    Shot("CND-11_front.jpg", "CND-11", "front", "home fragrance", "lacquer, paper, wax",
         View(elevation_deg=15, distance=5.8, target=(0, 0, 0.47)),
         near_duplicate_group="candle_burst", time="2025:03:18 13:20:14"),
    Shot("IMG_0419.jpg", "CND-11", "front", "home fragrance", "lacquer, paper, wax",
         View(yaw_deg=1.5, elevation_deg=15, distance=5.8, target=(0.022, 0, 0.478), roll_deg=0.5),
         fault=Fault(exposure_stops=0.12), near_duplicate_group="candle_burst", time="2025:03:18 13:20:16"),
    Shot("IMG_0420.jpg", "CND-11", "front", "home fragrance", "lacquer, paper, wax",
         View(yaw_deg=-2.5, elevation_deg=15.3, distance=5.72, target=(-0.018, 0, 0.462), roll_deg=-0.4),
         fault=Fault(exposure_stops=-0.10), near_duplicate_group="candle_burst", time="2025:03:18 13:20:17"),
    Shot("IMG_0423.jpg", "BOX-10", "front", "food", "printed carton",
         View(yaw_deg=-24, elevation_deg=12, distance=7.2, target=(0, 0, 0.66)),
         defect="exact_duplicate", copy_of="BOX-10_front.jpg", time="2025:03:18 13:02:09"),
)  # fmt: skip
