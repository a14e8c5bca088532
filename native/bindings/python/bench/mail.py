"""Deterministic jobs of a mailing, about 400 bytes each."""

LANGUAGES = "en de fr es pt ja".split()
TOPICS = "promo order invoice digest alert news welcome survey".split()


def job(i):
    order = i * 7 % 9_999_991
    return {
        "id": i,
        "to": f"user{i}@mail.example",
        "name": f"Customer Number {i}",
        "subject": f"Order {order} is on its way",
        "body": f"Dear customer {i:07d}, your order {order:07d} of item {i * 13 % 99_991:05d} left our"
        " warehouse today. We hope that you like it; please write to us at any time if something is"
        f" wrong, and quote the reference R{i:07d}.",
        "tags": [f"{TOPICS[i % 8]}-{i % 100}", f"batch-{i % 1000}", f"seg-{i % 17}"],
        "prefs": {"html": i & 1, "lang": LANGUAGES[i % 6], "score": i % 101},
        "created": 1_330_000_000 + i,
    }

