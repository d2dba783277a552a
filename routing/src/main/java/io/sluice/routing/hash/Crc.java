package io.sluice.routing.hash;

/**
 * Cyclic redundancy checks: CRC-32 (IEEE) and CRC-16 (CCITT, XMODEM), four bytes at a time. Table {@code k} of each kind
 * holds what a byte contributes when {@code k} more bytes follow it.
 */
final class Crc {

    private static final int CRC16_POLYNOMIAL = 0x1021;
    private static final int CRC32_POLYNOMIAL_REFLECTED = 0xedb88320;

    private static final int[][] CRC16 = crc16Tables();
    private static final int[][] CRC32 = crc32Tables();

    private Crc() {}

    /**
     * twemproxy's crc16 (hashkit/nc_crc16.c). Its accumulator has 32 bits and is never cut to 16: the low half is the
     * CRC-16 that everybody knows, the high half is what the last shifts left there, and both take part in the result.
     * What lies more than four bytes back has been shifted out, so only the last bytes need the slow, exact way.
     */
    static int crc16(byte[] key, int offset, int length) {
        int end = offset + length;
        int crc = 0;
        int i = offset;
        for (; end - i >= 8; i += 4) {
            crc = CRC16[3][((crc >>> 8) ^ key[i]) & 0xff]
                    ^ CRC16[2][(crc ^ key[i + 1]) & 0xff]
                    ^ CRC16[1][key[i + 2] & 0xff]
                    ^ CRC16[0][key[i + 3] & 0xff];
        }
        for (; i < end; i++) {
            crc = (crc << 8) ^ CRC16[0][((crc >>> 8) ^ key[i]) & 0xff];
        }
        return crc;
    }

    /** The IEEE CRC-32, as zlib computes it; twemproxy calls it crc32a. */
    static int crc32(byte[] key, int offset, int length) {
        int end = offset + length;
        int crc = ~0;
        int i = offset;
        for (; end - i >= 4; i += 4) {
            int word = crc ^ LittleEndian.intAt(key, i);
            crc = CRC32[3][word & 0xff]
                    ^ CRC32[2][(word >>> 8) & 0xff]
                    ^ CRC32[1][(word >>> 16) & 0xff]
                    ^ CRC32[0][word >>> 24];
        }
        for (; i < end; i++) {
            crc = (crc >>> 8) ^ CRC32[0][(crc ^ key[i]) & 0xff];
        }
        return ~crc;
    }

    /** twemproxy's crc32 (hashkit/nc_crc32.c): 15 bits out of the middle, a heritage from libmemcached. */
    static int crc32Short(byte[] key, int offset, int length) {
        return (crc32(key, offset, length) >>> 16) & 0x7fff;
    }

    private static int[][] crc16Tables() {
        int[][] tables = new int[4][256];
        for (int value = 0; value < 256; value++) {
            int crc = value << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ CRC16_POLYNOMIAL;
            }
            tables[0][value] = crc & 0xffff;
        }
        for (int value = 0; value < 256; value++) {
            for (int k = 1; k < 4; k++) {
                int before = tables[k - 1][value];
                tables[k][value] = ((before << 8) ^ tables[0][before >>> 8]) & 0xffff;
            }
        }
        return tables;
    }

    private static int[][] crc32Tables() {
        int[][] tables = new int[4][256];
        for (int value = 0; value < 256; value++) {
            int crc = value;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ CRC32_POLYNOMIAL_REFLECTED;
            }
            tables[0][value] = crc;
        }
        for (int value = 0; value < 256; value++) {
            for (int k = 1; k < 4; k++) {
                int before = tables[k - 1][value];
                tables[k][value] = (before >>> 8) ^ tables[0][before & 0xff];
            }
        }
        return tables;
    }
}
