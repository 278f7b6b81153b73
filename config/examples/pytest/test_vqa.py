import os
import urllib.request

URL = f"http://127.0.0.1:{os.environ['VLMSHIM_PORT']}"


def test_health():
    with urllib.request.urlopen(URL + "/health") as answer:
        assert answer.status == 200


def test_answer():
    with urllib.request.urlopen(URL + "/v1/models") as answer:
        assert b"ok" in answer.read()
