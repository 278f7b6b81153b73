import os
import unittest
import urllib.request


class Vqa(unittest.TestCase):
    def test_health(self):
        url = f"http://127.0.0.1:{os.environ['VLMSHIM_PORT']}/health"
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.status, 200)
