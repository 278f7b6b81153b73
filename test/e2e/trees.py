"""Test commands with very many processes."""

# A test that leaves workers behind, each with children of its own; every other process leaves the session. Each
# SIGTERM is recorded. The test ends when all of them are running.
TREE = '''
import os, signal, sys, time
mode, workers, below = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
log = os.open("terms.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
there, up = os.pipe()
term = {signal.SIGTERM}

def be(index, children=()):
    if index % 2:
        os.setsid()
    if mode == "ignore":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, term)
    os.write(up, b"%d %d\\n" % (os.getpid(), mode == "stopped" and not children))
    if mode == "stopped" and not children:
        os.kill(os.getpid(), signal.SIGSTOP)
    while mode == "ignore":
        signal.pause()
    seconds = 60
    while signal.sigtimedwait(term, seconds):
        os.write(log, b"%d\\n" % os.getpid())
        waits = mode == "waits" or (mode == "trickle" and index > 0)
        seconds = 0 if children and not waits else 0.3  # in which a second signal would arrive
    if mode == "trickle" and index == 0 and children:
        let_orphans_end()
    if mode in ("waits", "trickle"):
        for child in children:
            os.waitpid(child, 0)
    os._exit(0)

def let_orphans_end():
    end = time.monotonic() + 8
    while os.path.getsize("terms.log") and open("terms.log").read().count("\\n") < workers * (1 + below) and time.monotonic() < end:
        parent = os.fork()
        if parent == 0:
            for orphan in range(4):
                if os.fork() == 0:
                    time.sleep(orphan / 1000)
                    os._exit(0)
            os._exit(0)
        os.waitpid(parent, 0)

for worker in range(workers):
    if os.fork() == 0:
        children = []
        for index in range(below):
            children.append(os.fork())
            if children[-1] == 0:
                be(index)
        be(worker, children)
text = b""
while text.count(b"\\n") < workers * (1 + below):
    text += os.read(there, 4096)
stopped = [line.split()[0].decode() for line in text.splitlines() if line.endswith(b" 1")]
while any(open("/proc/" + pid + "/stat").read().rsplit(")", 1)[1].split()[0] != "T" for pid in stopped):
    time.sleep(0.001)
os._exit(5)
'''
