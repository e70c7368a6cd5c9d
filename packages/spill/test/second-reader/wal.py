"""
A second reader of write-ahead logs, made from docs/formats/wal.md alone. Standard library only.

    python3 wal.py MODE PATH [PATH ...]

For each log one JSON line per frame, {"seq", "tag", "payload" (hexadecimal)}, then one with "report".
"""
import json
import os
import re
import stat
import struct
import sys

MAX_BYTES = 256 * 1024 * 1024
MAX_COUNT = 2**53 - 1


def make_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


TABLE = make_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def rotl(value, by):
    value &= 0xFFFFFFFF
    return ((value << by) | (value >> (32 - by))) & 0xFFFFFFFF


def count_at(sector, offset):
    (value,) = struct.unpack_from("<d", sector, offset)
    if value != value or value < 0 or value > MAX_COUNT or value != int(value):
        return None
    return int(value)


def whole_sector(data, offset, magic):
    sector = data[offset : offset + 512]
    if len(sector) < 512 or sector[:8] != magic:
        return None
    return sector if struct.unpack_from("<I", sector, 508)[0] == crc32c(sector[:508]) else None


class NotAFile(Exception):
    pass


def read_file(path, limit):
    """Up to `limit` bytes, and the size."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise NotAFile()
        data = b""
        while len(data) < limit:
            part = os.read(fd, limit - len(data))
            if not part:
                break
            data += part
        return data, info.st_size
    finally:
        os.close(fd)


def header_of(data):
    """(header, damaged copies); the header is None without a whole one, "version" when it is of another version."""
    first = whole_sector(data, 0, b"SPILLWAL")
    second = whole_sector(data, 512, b"SPILLWAL")
    sector = first if first is not None else second
    if sector is None:
        return None, [0, 512]
    damaged = []
    if first is None:
        damaged.append(0)
    elif first != second:
        damaged.append(512)
    version, epoch = struct.unpack_from("<iI", sector, 8)
    if version != 1:
        return "version", damaged
    header = {"epoch": epoch, "uuid": sector[16:32].hex()}
    for name, offset in (("number", 32), ("first", 40), ("settled", 48), ("pruned", 56)):
        header[name] = count_at(sector, offset)
        if header[name] is None:
            return None, [0, 512]
    if header["first"] < 1 or header["settled"] >= header["first"]:
        return None, [0, 512]
    return header, damaged


class Log:
    def __init__(self, path):
        self.folder = os.path.dirname(path) or "."
        self.name = os.path.basename(path)
        self.damage = []
        self.missing = []

    def damaged(self, file, kind, start, end):
        self.damage.append({"file": file, "kind": kind, "from": start, "to": end})

    def named(self):
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        except OSError:
            self.damaged(".", "unreadable", 0, 0)
            return []
        pattern = re.compile(re.escape(self.name) + r"\.(\d{8,15})", re.ASCII)
        found = [(int(match.group(1)), name) for name in names if (match := pattern.fullmatch(name))]
        return sorted(found)

    def read_state(self, is_expected):
        file = self.name + ".state"
        try:
            data, size = read_file(os.path.join(self.folder, file), 1024)
        except FileNotFoundError:
            if is_expected:
                self.damaged(file, "state", 0, 0)
            return None
        except (OSError, NotAFile):
            self.damaged(file, "state", 0, 0)
            return None
        best, is_other_version = None, False
        for index in (0, 1):
            sector = whole_sector(data, index * 512, b"SPILLCUR")
            slot = None
            if sector is not None:
                if struct.unpack_from("<i", sector, 8)[0] != 1:
                    is_other_version = True
                    continue
                turn, pruned = count_at(sector, 32), count_at(sector, 40)
                if turn is not None and pruned is not None and turn % 2 == index:
                    slot = {"turn": turn, "pruned": pruned, "uuid": sector[16:32].hex()}
            if slot is None:
                self.damaged(file, "state", min(index * 512, len(data)), min(index * 512 + 512, len(data)))
            elif best is None or slot["turn"] > best["turn"]:
                best = slot
        if is_other_version:
            self.damaged(file, "version", 0, size)
        if size > 1024:
            self.damaged(file, "state", 1024, size)
        return best

    def look(self, number, file):
        try:
            data, size = read_file(os.path.join(self.folder, file), MAX_BYTES)
        except (OSError, NotAFile):
            self.damaged(file, "unreadable", 0, 0)
            return None
        header, damaged = header_of(data)
        if header == "version":
            self.damaged(file, "version", 0, size)
            return None
        if len(damaged) == 2:
            self.damaged(file, "header", 0, min(1024, size))
        else:
            for offset in damaged:
                self.damaged(file, "header", min(offset, size), min(offset + 512, size))
        if size > MAX_BYTES:
            self.damaged(file, "tail", MAX_BYTES, size)
        return {"file": file, "number": number, "header": header, "data": data, "size": size}

    def scan(self, segment):
        data, header, file, base = segment["data"], segment["header"], segment["file"], segment["base"]
        n = len(data)
        epoch = None if header is None else header["epoch"]
        last = 0 if header is None else header["first"] - 1
        tried = 0
        damage = None
        at = 1024
        while at + 32 <= n:
            length, tag, seq, check = struct.unpack_from("<iiII", data, at)
            size = (16 + length + 4 + 15) // 16 * 16
            fits = length >= 0 and at + size <= n
            implied = check ^ seq ^ rotl(length, 9) ^ rotl(tag, 18)
            right = fits and (epoch is None or implied == epoch)
            if right and epoch is None:
                tried += size
                if tried > 8 * n:
                    break
            end = at + size
            if not right or struct.unpack_from("<I", data, end - 4)[0] != crc32c(data[at : end - 4]):
                damage = at if damage is None else damage
                at += size if right and epoch is not None else 16
                continue
            if damage is not None:
                self.damaged(file, "frame", damage, at)
                damage = None
            epoch = implied
            distance = (seq - base) & 0xFFFFFFFF
            number = base + (distance - 2**32 if distance >= 2**31 else distance)
            if number > last:
                last = number
                yield number, tag, data[at + 16 : at + 16 + length], at
            else:
                self.damaged(file, "order", at, end)
            at = end
        rest = at if damage is None else damage
        if rest < n:
            self.damaged(file, "tail", rest, n)

    def miss(self, first, last, given_up):
        """Notes what of first..last is missing; whether anything is."""
        found = False
        for low, high in sorted(given_up):
            if high < first or low > last:
                continue
            if low > first:
                self.missing.append({"from": first, "to": low - 1})
                found = True
            first = max(first, high + 1)
        if first <= last:
            self.missing.append({"from": first, "to": last})
            found = True
        return found

    def read(self, mode):
        named = self.named()
        state = self.read_state(len(named) > 0)
        segments = [found for number, file in named if (found := self.look(number, file)) is not None]
        uuid = state["uuid"] if state else None
        for segment in segments:
            if uuid is None and segment["header"] is not None:
                uuid = segment["header"]["uuid"]
        own = []
        for segment in segments:
            header = segment["header"]
            if header is not None and header["uuid"] != uuid:
                self.damaged(segment["file"], "foreign", 0, segment["size"])
                continue
            if header is not None and header["number"] != segment["number"]:
                self.damaged(segment["file"], "name", 0, 0)
            own.append(segment)
        headers = [segment["header"] for segment in own if segment["header"] is not None]
        pruned = max([state["pruned"] if state else 0] + [header["pruned"] for header in headers])
        own.sort(key=lambda one: one["number"] if one["header"] is None else one["header"]["number"])
        base = 1
        for segment in own:
            base = base if segment["header"] is None else segment["header"]["first"]
            segment["base"] = base
        own.sort(key=lambda one: one["base"])
        given_up = [(header["settled"] + 1, header["first"] - 1) for header in headers]
        given_up = [(low, high) for low, high in given_up if low <= high]

        merged = []
        for order, segment in enumerate(own):
            for number, tag, payload, at in self.scan(segment):
                merged.append((number, order, tag, payload, at))
        merged.sort(key=lambda one: one[:2])

        last, duplicates, left_out, stopped, out = pruned, 0, 0, None, []
        for number, order, tag, payload, at in merged:
            if number <= last:
                duplicates += 1 if number > pruned else 0
                continue
            segment = own[order]
            if self.miss(last + 1, number - 1, given_up) and stopped is None:
                begins = segment["header"] is not None and segment["header"]["first"] == number
                if mode == "point-in-time" or (mode == "tolerate-tail" and not begins):
                    stopped = {"file": segment["file"], "offset": at, "seq": number}
            last = number
            if stopped is None:
                out.append({"seq": number, "tag": tag, "payload": payload.hex()})
            else:
                left_out += 1
        self.miss(last + 1, max([pruned] + [header["settled"] for header in headers]), given_up)
        refused = mode == "absolute" and len(self.damage) + len(self.missing) > 0
        for frame in [] if refused else out:
            print(json.dumps(frame))
        report = {
            "uuid": uuid,
            "prunedTo": pruned,
            "frames": 0 if refused else len(out),
            "duplicates": duplicates,
            "leftOut": left_out,
            "lastSeq": last,
            "stoppedAt": stopped,
            "damage": sorted(self.damage, key=lambda one: (one["file"], one["from"], one["to"], one["kind"])),
            "missing": self.missing,
        }
        print(json.dumps({"report": report}))


for path in sys.argv[2:]:
    Log(path).read(sys.argv[1])
