// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.zip.CRC32C;

/**
 * Checksums of joined parts from the checksums of the parts. A table is written before its header, and its footer keeps
 * the checksum in that order; others want that of the file from its first byte, without another pass over it.
 *
 * <p>A CRC is a remainder of polynomials over GF(2), so appending n zero bytes multiplies it by x^8n, and the checksum of
 * two parts is the first one so moved, plus the second.
 */
final class FileChecksum {
    /** Castagnoli's polynomial and the number 1, lowest power in the highest bit. */
    private static final int POLYNOMIAL = 0x82F63B78;

    private static final int ONE = 0x8000_0000;

    private FileChecksum() {}

    /**
     * @param bodyThenHeader the checksum of the file with its header moved to the end
     * @param header the first bytes of the file
     */
    static int ofFile(int bodyThenHeader, byte[] header, long fileBytes) {
        CRC32C crc = new CRC32C();
        crc.update(header);
        int headerCrc = (int) crc.getValue();
        int bodyCrc = moveBack(bodyThenHeader ^ headerCrc, header.length);
        return multiply(headerCrc, powerOfX(8 * (fileBytes - header.length))) ^ bodyCrc;
    }

    private static int moveBack(int crc, int bytes) {
        int moved = crc;
        for (int bit = 0; bit < 8 * bytes; bit++) {
            moved = moved < 0 ? (moved ^ POLYNOMIAL) << 1 | 1 : moved << 1;
        }
        return moved;
    }

    private static int timesX(int a) {
        return (a & 1) == 0 ? a >>> 1 : a >>> 1 ^ POLYNOMIAL;
    }

    private static int multiply(int a, int b) {
        int product = 0;
        int shifted = b;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= shifted;
            }
            shifted = timesX(shifted);
        }
        return product;
    }

    private static int powerOfX(long exponent) {
        int power = ONE;
        int square = timesX(ONE);
        for (long left = exponent; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                power = multiply(power, square);
            }
            square = multiply(square, square);
        }
        return power;
    }
}
