"""A visual question, tested the way such tests are written without vlmshim.

    PORT=12345 python3 old_style_test.py vlmshim-standin --port 12345

Everything that vlmshim makes unnecessary is in here on purpose: atexit, signal handlers, sleeps and
`lsof -ti :PORT | xargs kill -9`, which kills clients of the port as well as the server. Do not copy
it. The end-to-end tests run it below vlmshim, which has to survive it.
"""

import atexit
import base64
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import urllib.request
import zlib

PORT = int(os.environ["PORT"])
BASE = "http://127.0.0.1:{}".format(PORT)
server = None


def kill_port():
    if shutil.which("lsof"):
        subprocess.run("lsof -ti :{} | xargs kill -9".format(PORT), shell=True, stderr=subprocess.DEVNULL)
    elif shutil.which("fuser"):
        subprocess.run("fuser -k {}/tcp".format(PORT), shell=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    else:
        print("neither lsof nor fuser: the port is left as it is")
    time.sleep(1)  # let the kernel release the port


def cleanup():
    global server
    if server is None:
        return
    print("cleaning up ...", flush=True)
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
    server = None
    kill_port()


def on_signal(signum, frame):
    cleanup()
    sys.exit(1)


def start_server():
    global server
    kill_port()  # leftovers of the last run
    server = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(60):
        try:
            with urllib.request.urlopen(BASE + "/health", timeout=2) as response:
                if response.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    print("the server did not come up")
    sys.exit(1)


def red_square():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress((b"\0" + b"\xff\0\0" * 64) * 64)) + chunk(b"IEND", b""))


def ask(question, image):
    url = "data:image/png;base64," + base64.b64encode(image).decode()
    body = {"messages": [{"role": "user", "content": [
        {"type": "text", "text": question},
        {"type": "image_url", "image_url": {"url": url}},
    ]}], "max_tokens": 64}
    request = urllib.request.Request(BASE + "/v1/chat/completions", data=json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.load(response)["choices"][0]["message"]["content"]


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: PORT=N old_style_test.py SERVER [ARGUMENT...]")
    atexit.register(cleanup)
    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    start_server()
    answer = ask("Which colour is this?", red_square())
    print("answer:", answer)
    assert answer.strip(), "empty answer"
    print("PASS")


if __name__ == "__main__":
    main()
