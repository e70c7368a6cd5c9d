"""Reads a lane's file, from docs/formats/ring.md alone. Prints JSON lines: a lane, its frames, damage, an end.

    ring.py FILE...
"""
import json
import struct
import sys

FRAMES = 1 << 20
PAD = 2
KINDS = {1: "RECORD", 2: "PAD", 3: "TEXT", 4: "DROPPED", 5: "FAR"}
MASK = 0xFFFFFFFF


def rotl(value, by):
    value &= MASK
    return ((value << by) | (value >> (32 - by))) & MASK


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
    acked = None
    for consumer in range(8):
        _, active, position = struct.unpack_from("<IiI", data, 1024 + 128 * consumer)
        # The slowest of those that the producer waits for; consumer 0 is always one of them.
        if active == 1 or consumer == 0:
            behind = (committed - position) & MASK
            if acked is None or behind > (committed - acked) & MASK:
                acked = position
    yield {
        "kind": "lane",
        "path": path,
        "capacity": capacity,
        "epoch": epoch,
        "lane": index,
        "pid": pid,
        "ackedTo": acked,
        "committedTo": committed,
        "slots": slots_of(data),
    }
    if (committed - acked) & MASK > capacity:
        yield {"kind": "damage", "what": "COMMITTED", "path": path, "position": acked}
        return
    position, due, frames = acked, None, 0
    while position != committed:
        at = position & (capacity - 1)
        if at % 16 != 0:
            yield {"kind": "damage", "what": "position", "path": path, "position": position}
            return
        length, tag, seq, check = struct.unpack_from("<iIII", data, FRAMES + at)
        room = min(capacity - at, (committed - position) & MASK) - 16
        what = None
        if check != seq ^ epoch ^ rotl(length, 9) ^ rotl(tag, 18):
            what = "check"
        elif due is not None and seq != due:
            what = "seq"
        elif not 0 <= length <= room:
            what = "length"
        if what is not None:
            yield {"kind": "damage", "what": what, "path": path, "position": position}
            return
        if tag & 0xFF != PAD:
            start = FRAMES + at + 16
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


def slots_of(data):
    """The valid commit slot of each sink that has one."""
    slots = []
    for sink in range(8):
        base = 2048 + 192 * sink
        (selector,) = struct.unpack_from("<i", data, base + 128)
        if selector not in (1, 2):
            continue
        turn, position, offset, identity, delivered = struct.unpack_from("<5d", data, base + 64 * (selector - 1))
        slots.append(
            {
                "sink": sink,
                "turn": turn,
                "position": position,
                "offset": offset,
                "identity": identity,
                "delivered": delivered,
            }
        )
    return slots


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for item in read(name):
            print(json.dumps(item))
