"""What does not belong together among a product's views is seen over HTTP before gate 2 looks."""

from __future__ import annotations

from tests.api.conftest import lines


def test_views_in_different_light_are_told_with_the_product_and_among_the_exceptions(team, say):
    say.batch()
    say.file("A_front.jpg", sku="A", lighting="light-1")
    say.file("A_back.jpg", sku="A", view="back", lighting="light-2")
    say.file("B_front.jpg", sku="B", lighting="light-1")
    admin = team.admin()
    ids = {each["name"]: each["id"] for each in lines(admin)}
    products = {each["key"]: each for each in admin.get("/api/v1/batches/spring/products").json()["items"]}
    (unlike,) = products["A"]["inconsistent"]
    assert unlike["kind"] == "light" and "taken in different light (light-1 and light-2)" in unlike["text"]
    assert set(unlike["files"]) == {ids["A_front.jpg"], ids["A_back.jpg"]} and products["B"]["inconsistent"] == []
    told = [
        each for each in admin.get("/api/v1/batches/spring/exceptions").json()["items"] if each["kind"] == "together"
    ]
    assert [(each["product"], each["told"]) for each in told] == [("A", unlike["text"])]
    for line in (each for each in lines(admin) if each["sku"] == "A"):
        body = {"on": {line["id"]: line["etag"]}, "decided": "approve"}
        assert admin.post("/api/v1/decisions", json=body).status_code == 200
    told = admin.get("/api/v1/batches/spring/exceptions").json()["items"]
    assert [each for each in told if each["kind"] == "together"] == []  # gate 2 has looked
