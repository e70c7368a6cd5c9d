"""Reads a lane's file, from docs/formats/ring.md alone. Prints JSON lines: a lane, its frames, damage, an end.

    ring.py FILE...
"""
import json
import struct
import sys
from bisect import bisect_left

FRAMES = 1 << 20
PAD = 2
KINDS = {1: "RECORD", 2: "PAD", 3: "TEXT", 4: "DROPPED", 5: "FAR"}
MASK = 0xFFFFFFFF


def make_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


TABLE = make_table()


def crc32c(data, before):
    crc = before ^ MASK
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ MASK


def rotl(value, by):
    value &= MASK
    return ((value << by) | (value >> (32 - by))) & MASK


def signed(value):
    value &= MASK
    return value - (1 << 32) if value >= 1 << 31 else value


class Lane:
    """The frames of a lane, by position."""

    def __init__(self, data, capacity, epoch, committed):
        self.data = data
        self.capacity = capacity
        self.epoch = epoch
        self.committed = committed

    def at(self, position):
        """Why there is no frame at a position, or its length, tag, number and the place of its payload."""
        offset = position & (self.capacity - 1)
        length, tag, seq, check = struct.unpack_from("<iIII", self.data, FRAMES + offset)
        room = min(self.capacity - offset, (self.committed - position) & MASK) - 16
        if check != seq ^ self.epoch ^ offset ^ rotl(length, 9) ^ rotl(tag, 18):
            return "check", None
        if not 0 <= length <= room:
            return "length", None
        return None, (length, tag, seq, FRAMES + offset + 16)

    def behind(self, position, due):
        """The next whole frame behind a damaged one: its position, and how many are missing; None: there is none."""
        ends, rows, before = [], [], []
        for step in range(16, (self.committed - position) & MASK, 16):
            what, frame = self.at((position + step) & MASK)
            # No frame has the tag 0.
            if what is not None or frame[1] == 0:
                continue
            ahead = signed(frame[2] - due)
            if not 1 <= ahead <= step // 16:
                continue
            # The longest row of rising numbers.
            place = bisect_left([rows[end][0] for end in ends], ahead)
            before.append(ends[place - 1] if place > 0 else None)
            ends[place : place + 1] = [len(rows)]
            rows.append((ahead, step))
        if not ends:
            return None
        first = ends[-1]
        while before[first] is not None:
            first = before[first]
        ahead, step = rows[first]
        return (position + step) & MASK, ahead


def read(path):
    """Yields what there is to say about one file."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < FRAMES:
        yield {"kind": "damage", "what": "shorter than a lane", "path": path}
        return
    magic, version, capacity, epoch, index, pid = struct.unpack_from("<IIIIII", data, 0)
    if magic != 0x4C50534C or version != 1:
        yield {"kind": "damage", "what": "magic or version", "path": path}
        return
    if capacity < 65536 or capacity > 1 << 29 or capacity & (capacity - 1) or FRAMES + capacity > len(data):
        yield {"kind": "damage", "what": "capacity", "path": path}
        return
    committed, next_seq = struct.unpack_from("<II", data, 512)
    acked = due = None
    for consumer in range(8):
        _, active, position, number = struct.unpack_from("<IiII", data, 1024 + 128 * consumer)
        # The slowest of those that the producer waits for; consumer 0 is always one of them.
        if active == 1 or consumer == 0:
            behind = (committed - position) & MASK
            if acked is None or behind > (committed - acked) & MASK:
                acked, due = position, number
    yield {
        "kind": "lane",
        "path": path,
        "capacity": capacity,
        "epoch": epoch,
        "lane": index,
        "pid": pid,
        "ackedTo": acked,
        "committedTo": committed,
        "copied": copied_of(data, epoch),
        "slots": slots_of(data, epoch),
    }
    if (committed - acked) & MASK > capacity:
        yield {"kind": "damage", "what": "COMMITTED", "path": path, "position": acked, "to": committed, "missing": 1}
        return
    lane = Lane(data, capacity, epoch, committed)
    position, frames = acked, 0
    while position != committed:
        if position % 16 != 0:
            yield {"kind": "damage", "what": "position", "path": path, "position": position}
            return
        what, frame = lane.at(position)
        if what is None and due is not None and frame[2] != due:
            what = "seq"
        if what is not None:
            damage = {"kind": "damage", "what": what, "path": path, "position": position}
            found = lane.behind(position, due)
            if found is None:
                missing = signed(next_seq - due)
                can_be = 1 <= missing <= ((committed - position) & MASK) // 16
                yield {**damage, "to": committed, "missing": missing if can_be else 1}
                break
            position, missing = found
            due = (due + missing) & MASK
            yield {**damage, "to": position, "missing": missing}
            continue
        length, tag, seq, start = frame
        if tag & 0xFF != PAD:
            yield {
                "kind": "frame",
                "position": position,
                "tag": tag,
                "name": KINDS.get(tag & 0xFF, "unknown"),
                "seq": seq,
                "payload": data[start : start + length].hex(),
            }
            frames += 1
        due = (seq + 1) & MASK
        position = (position + (16 + length + 15) // 16 * 16) & MASK
    yield {"kind": "end", "frames": frames, "seq": next_seq}


def copied_of(data, epoch):
    """What the consumer of a mirrored lane has copied; None: nothing, or that is damaged."""
    words = data[1040:1060]
    (check,) = struct.unpack_from("<I", data, 1060)
    if (check == 0 and not any(words)) or check != crc32c(words, epoch):
        return None
    position, seq, used, entries, dictionary_epoch = struct.unpack("<IIiii", words)
    return {"position": position, "seq": seq, "used": used, "entries": entries, "epoch": dictionary_epoch}


def slots_of(data, epoch):
    """What each sink has of the frames in the ring and of those that did not fit there."""
    slots = []
    for sink in range(8):
        for part, base in (("ring", 2048 + 256 * sink), ("overflow", 2048 + 256 * sink + 128)):
            for at in (base, base + 64):
                (check,) = struct.unpack_from("<I", data, at + 48)
                if (check == 0 and not any(data[at : at + 48])) or check != crc32c(data[at : at + 48], epoch):
                    continue
                names = ("turn", "position", "offset", "identity", "delivered", "seq")
                slots.append({"sink": sink, "of": part, **dict(zip(names, struct.unpack_from("<6d", data, at)))})
                break
    return slots


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for item in read(name):
            print(json.dumps(item))
