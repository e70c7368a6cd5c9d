"""Reads overflow segments, from docs/formats/spill.md alone. Prints JSON lines.

    segment.py [--mode MODE] [--from acked|start] FILE...     the segments of one stream
    segment.py --batch                                       one {"paths", "mode", "from"} per line of standard input
"""
import json
import os
import struct
import sys

HEADER = 4096
BLOCK = 1024
MAX_PAYLOAD = 1 << 28
MAX_NUMBER = (1 << 53) - 1


def make_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


TABLE = make_table()


def crc32c(*parts):
    crc = 0xFFFFFFFF
    table = TABLE
    for part in parts:
        for byte in part:
            crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def rotl(value, by):
    value &= 0xFFFFFFFF
    return ((value << by) | (value >> (32 - by))) & 0xFFFFFFFF


class Absolute(Exception):
    pass


class Stop(Exception):
    pass


class Identity:
    def __init__(self, block):
        self.epoch, self.lane, self.pid, self.number, self.start = struct.unpack_from("<IIIIQ", block, 8)
        self.uuid = block[32:48]


def identity_of(block):
    magic, version = struct.unpack_from("<II", block, 0)
    (crc,) = struct.unpack_from("<I", block, 1020)
    if magic != 0x4C50534F or version != 1 or crc != crc32c(block[:1020]):
        return None
    identity = Identity(block)
    if identity.start > MAX_NUMBER or identity.start % 16 != 0:
        return None
    return identity


def ack_of(block, uuid):
    turn, position = struct.unpack_from("<QQ", block, 0)
    (crc,) = struct.unpack_from("<I", block, 1020)
    if crc != crc32c(uuid, block[:1020]) or turn > MAX_NUMBER or position > MAX_NUMBER or position % 16 != 0:
        return None
    return turn, position


class Segment:
    def __init__(self, path, data):
        self.path = path
        self.data = data
        self.size = len(data)
        head = data[:HEADER].ljust(HEADER, b"\0")
        self.damaged = []
        self.identity = None
        for at in (0, 2048):
            copy = identity_of(head[at : at + BLOCK])
            if copy is None:
                self.damaged.append(("header", at))
            elif self.identity is None:
                self.identity = copy
        self.acked = None
        for at in (1024, 3072):
            block = head[at : at + BLOCK]
            if not any(block):
                continue
            ack = ack_of(block, self.identity.uuid) if self.identity else None
            if ack is None:
                self.damaged.append(("ack", at))
            elif self.acked is None or ack[0] > self.acked[0]:
                self.acked = ack
        self.damaged.sort(key=lambda one: one[1])

    def is_header(self, at):
        length, tag, seq, check = struct.unpack_from("<IIII", self.data, at)
        return check == (seq ^ self.identity.epoch ^ rotl(length, 9) ^ rotl(tag, 18))

    def frame(self, at, end):
        """(length, bytes of the frame) of the whole frame here; or why there is none: "cut" or "none"."""
        if at + 16 > end:
            return "cut"
        (length,) = struct.unpack_from("<i", self.data, at)
        if not self.is_header(at) or not 0 <= length <= MAX_PAYLOAD:
            return "none"
        size = (16 + length + 4 + 15) // 16 * 16
        if at + size > end:
            return "cut"
        (crc,) = struct.unpack_from("<I", self.data, at + size - 4)
        position = struct.pack("<Q", self.identity.start + at)
        if crc != crc32c(self.identity.uuid, position, self.data[at : at + size - 4]):
            return "none"
        return length, size

    def search(self, at, end):
        while at + 16 <= end:
            if self.is_header(at) and isinstance(self.frame(at, end), tuple):
                return at
            at += 16
        return None


class Reading:
    def __init__(self, mode, begin, say):
        self.mode = mode
        self.begin = begin
        self.say = say
        self.frames = 0
        self.acked = 0
        self.ends_at = 0

    def damage(self, what, path, start, end, stops=True):
        if self.mode == "absolute":
            raise Absolute(what)
        self.say({"kind": "damage", "what": what, "path": path, "from": start, "to": end})
        if stops and self.mode == "point-in-time" and what in ("frame", "missing", "unreadable"):
            raise Stop()

    def run(self, paths):
        try:
            self.read(paths)
        except Stop:
            pass
        except Absolute as damage:
            self.say({"kind": "thrown", "what": str(damage)})
            return
        self.say({"kind": "end", "frames": self.frames, "ackedTo": self.acked, "endsAt": self.ends_at})

    def read(self, paths):
        segments, useless = [], []
        for path in sorted(paths):
            try:
                with open(path, "rb") as file:
                    segment = Segment(path, file.read())
            except FileNotFoundError:
                continue
            except OSError:
                useless.append((path, 0, "unreadable"))
                continue
            if segment.identity is None:
                useless.append((path, segment.size, "tail" if segment.size < HEADER else "unreadable"))
            else:
                segments.append(segment)
        segments.sort(key=lambda one: one.identity.number)
        used = self.one_stream(segments)
        if used:
            self.acked = used[0].identity.start
        for segment in used:
            if segment.acked is not None:
                self.acked = max(self.acked, segment.acked[1])
        position = self.acked
        if self.begin == "start":
            position = used[0].identity.start if used else 0
        self.ends_at = position
        for path, size, what in useless:
            self.damage(what, path, 0, size)
        for segment in segments:
            if segment not in used:
                self.damage("foreign", segment.path, 0, segment.size)
            elif segment.size < HEADER:
                self.damage("tail", segment.path, 0, segment.size)
            else:
                for what, at in segment.damaged:
                    self.damage(what, segment.path, at, at + BLOCK, stops=False)
        for index, segment in enumerate(used):
            following = used[index + 1].identity if index + 1 < len(used) else None
            if following is not None and following.start <= position:
                continue
            position = self.segment(segment, following, position)

    def one_stream(self, segments):
        streams = {}
        for segment in segments:
            known = streams.setdefault((segment.identity.uuid, segment.identity.epoch), [])
            if not known or (
                segment.identity.number > known[-1].identity.number
                and segment.identity.start >= known[-1].identity.start
            ):
                known.append(segment)
        most = []
        for known in streams.values():
            if len(known) > len(most):
                most = known
        return most

    def segment(self, segment, following, position):
        start = segment.identity.start
        if start > position:
            self.damage("missing", None, position, start)
            position = start
        at = max(position - start, HEADER)
        end = segment.size if following is None else min(segment.size, following.start - start)
        is_next = following is not None and following.number == segment.identity.number + 1
        while at < end:
            frame = segment.frame(at, end)
            if isinstance(frame, tuple):
                length, size = frame
                _, tag, seq, _ = struct.unpack_from("<iiII", segment.data, at)
                payload = segment.data[at + 16 : at + 16 + length]
                self.say(
                    {
                        "kind": "frame",
                        "path": segment.path,
                        "position": start + at,
                        "tag": tag,
                        "seq": seq,
                        "payload": payload.hex(),
                    }
                )
                self.frames += 1
                at += size
                position = self.ends_at = start + at
                continue
            found = segment.search(at + 16, end)
            is_torn = found is None and following is None and (frame == "cut" or not any(segment.data[at:end]))
            to = found if self.mode == "skip-corrupt" and found is not None else end
            self.damage("tail" if is_torn else "frame", segment.path, at, to)
            at = to
        if is_next and at < following.start - start:
            self.damage("missing", segment.path, at, following.start - start)
        return following.start if is_next else position


def main():
    lines = []

    def say(item):
        lines.append(json.dumps(item))

    def flush():
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        lines.clear()

    arguments = sys.argv[1:]
    if arguments[:1] == ["--batch"]:
        for line in sys.stdin:
            job = json.loads(line)
            Reading(job.get("mode", "tolerate-tail"), job.get("from", "acked"), say).run(job["paths"])
            flush()
        return
    options = {"--mode": "tolerate-tail", "--from": "acked"}
    while arguments and arguments[0] in options:
        options[arguments[0]] = arguments[1]
        arguments = arguments[2:]
    Reading(options["--mode"], options["--from"], say).run([os.fspath(path) for path in arguments])
    flush()


if __name__ == "__main__":
    main()
