"""Packs standard input as WofCompressedData with wimlib's compressors. Usage: wof-pack.py ALGORITHM (0 to 3)."""
import ctypes
import struct
import sys

XPRESS, LZX = 1, 2
CHUNKS = {0: (XPRESS, 4096), 1: (LZX, 32768), 2: (XPRESS, 8192), 3: (XPRESS, 16384)}
kind, size = CHUNKS[int(sys.argv[1])]
wim = ctypes.CDLL("libwim.so.15")
wim.wimlib_create_compressor.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_uint, ctypes.c_void_p]
wim.wimlib_compress.restype = ctypes.c_size_t
wim.wimlib_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
compressor = ctypes.c_void_p()
assert wim.wimlib_create_compressor(kind, size, 0, ctypes.byref(compressor)) == 0
data = sys.stdin.buffer.read()
chunks = []
for at in range(0, len(data), size):
    plain = data[at : at + size]
    out = ctypes.create_string_buffer(len(plain))
    packed = wim.wimlib_compress(plain, len(plain), out, len(plain) - 1, compressor) if len(plain) > 1 else 0
    chunks.append(out.raw[:packed] if packed else plain)
offset, table = 0, b""
for chunk in chunks[:-1]:
    offset += len(chunk)
    table += struct.pack("<I", offset)
sys.stdout.buffer.write(table + b"".join(chunks))
