import json
import os
import urllib.request

URL = f"http://127.0.0.1:{os.environ['VLMSHIM_PORT']}"


def test_it_is_the_model_of_this_run():
    with urllib.request.urlopen(URL + "/v1/models") as answer:
        assert json.load(answer)["model"] == os.environ["MODEL"]
