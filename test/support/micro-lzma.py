"""MicroLZMA with liblzma. Lines of stdin: source, target and the most bytes it may take; answers: bytes of source."""
import ctypes
import sys

lib = ctypes.CDLL("liblzma.so.5")
OK, STREAM_END, FINISH = 0, 1, 3


class Stream(ctypes.Structure):
    _fields_ = [
        ("next_in", ctypes.c_void_p), ("avail_in", ctypes.c_size_t), ("total_in", ctypes.c_uint64),
        ("next_out", ctypes.c_void_p), ("avail_out", ctypes.c_size_t), ("total_out", ctypes.c_uint64),
        ("allocator", ctypes.c_void_p), ("internal", ctypes.c_void_p),
        ("pointers", ctypes.c_void_p * 4), ("integers", ctypes.c_uint64 * 2), ("sizes", ctypes.c_size_t * 2),
        ("enums", ctypes.c_int * 2),
    ]


options = ctypes.create_string_buffer(256)
assert lib.lzma_lzma_preset(options, 6) == 0
ctypes.c_uint32.from_buffer(options, 0).value = 1 << 16  # dict_size


def pack(data, size):
    stream = Stream()
    assert lib.lzma_microlzma_encoder(ctypes.byref(stream), options) == OK
    source = ctypes.create_string_buffer(data, len(data))
    target = ctypes.create_string_buffer(size)
    stream.next_in, stream.avail_in = ctypes.cast(source, ctypes.c_void_p), len(data)
    stream.next_out, stream.avail_out = ctypes.cast(target, ctypes.c_void_p), size
    code = lib.lzma_code(ctypes.byref(stream), FINISH)
    taken, made = stream.total_in, stream.total_out
    lib.lzma_end(ctypes.byref(stream))
    return (taken, target.raw[:made]) if code == STREAM_END else (0, b"")


for line in sys.stdin:
    source, target, size = line.rstrip("\n").split("\t")
    with open(source, "rb") as file:
        taken, packed = pack(file.read(), int(size))
    with open(target, "wb") as file:
        file.write(packed)
    print(taken, flush=True)
