"""Visual questions to a vision-language model server, sent to its OpenAI-style API.

`vlmshim -- python3 vqa_test.py` starts the server before this test and ends it afterwards. So nothing
in here starts, waits for, stops or kills a server.

VLMSHIM_PORT      the server's port (vlmshim sets it; 8080 when run by hand)
VQA_TEST_ENDING   for showing how a run ends: pass (default), fail, crash, hang
"""

import base64
import io
import json
import os
import struct
import threading
import unittest
import urllib.error
import urllib.request
import zlib

SERVER = "http://127.0.0.1:{}".format(os.environ.get("VLMSHIM_PORT", "8080"))
ENDING = os.environ.get("VQA_TEST_ENDING", "pass")
STAND_IN = "vlmshim-standin"  # has no model: it answers with facts about the image's bytes


def png(width, height, pixel):
    """The bytes of an RGB image; pixel(x, y) is a tuple of three numbers from 0 to 255."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows)))
            + chunk(b"IEND", b""))


def said_in(body):
    """The server's error message: {"error": {"message": ...}}, or the body as it is."""
    try:
        return json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:500].strip()


def call(path, body=None):
    """The server's answer to a GET, or to a POST of `body`."""
    request = urllib.request.Request(SERVER + path, headers={"Content-Type": "application/json"},
                                     data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=300) as response:
            return json.load(response)
    except urllib.error.HTTPError as refused:
        body = refused.read()
        raise urllib.error.HTTPError(refused.url, refused.code, said_in(body) or refused.reason, refused.headers,
                                     io.BytesIO(body)) from None


def image_part(image):
    return {"type": "image_url",
            "image_url": {"url": "data:image/png;base64," + base64.b64encode(image).decode()}}


def ask(question, *images):
    content = [{"type": "text", "text": question}] + [image_part(image) for image in images]
    answer = call("/v1/chat/completions", {
        "messages": [{"role": "user", "content": content}],
        "max_tokens": 64,
        "temperature": 0,
    })
    return answer["choices"][0]["message"]["content"]


class VisualQuestions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stand_in = call("/v1/models")["data"][0]["id"] == STAND_IN

    def check(self, answer, *images_and_sizes):
        """A model's answer cannot be predicted; the stand-in's can."""
        self.assertTrue(answer.strip())
        if self.stand_in:
            for image, size in images_and_sizes:
                self.assertIn("PNG of {}x{} pixels, {} bytes, CRC32 {:08x}".format(
                    *size, len(image), zlib.crc32(image)), answer)

    def test_one_colour(self):
        image = png(96, 64, lambda x, y: (255, 0, 0))
        self.check(ask("Which colour is this?", image), (image, (96, 64)))

    def test_gradient(self):
        image = png(256, 128, lambda x, y: (x, y, 255 - x))
        self.check(ask("Describe this image in one sentence.", image), (image, (256, 128)))

    def test_checkerboard(self):
        image = png(80, 80, lambda x, y: (255, 255, 255) if (x // 10 + y // 10) % 2 else (0, 0, 0))
        self.check(ask("What pattern is this?", image), (image, (80, 80)))

    def test_two_images(self):
        left = png(32, 32, lambda x, y: (0, 0, 255))
        right = png(48, 24, lambda x, y: (0, 255, 0))
        self.check(ask("How do these two differ?", left, right), (left, (32, 32)), (right, (48, 24)))

    def test_broken_image_is_refused(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            ask("What is this?", b"no image at all")
        refused.exception.close()
        self.assertIn(refused.exception.code, range(400, 600))


if ENDING != "pass":

    class Ending(unittest.TestCase):
        def test_ending(self):
            if ENDING == "crash":
                os.abort()
            if ENDING == "hang":
                print("hanging", flush=True)
                threading.Event().wait()
            self.fail("VQA_TEST_ENDING is {}".format(ENDING))


if __name__ == "__main__":
    unittest.main()
