package io.sluice.proxy.admission;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * IP addresses that begin with the same bits, such as {@code 10.0.0.0/8}.
 *
 * @param bits how many of the bits of {@code first} count
 */
public record AddressRange(InetAddress first, int bits) {

    public AddressRange {
        if (bits < 0 || bits > first.getAddress().length * 8) {
            throw new IllegalArgumentException("An address has no " + bits + " bits: " + first);
        }
    }

    public boolean contains(InetAddress address) {
        byte[] wanted = first.getAddress();
        byte[] found = address.getAddress();
        int whole = bits / 8;
        if (wanted.length != found.length || !Arrays.equals(wanted, 0, whole, found, 0, whole)) {
            return false;
        }
        int rest = bits % 8;
        int mask = 0xff00 >> rest & 0xff;
        return rest == 0 || (wanted[whole] & mask) == (found[whole] & mask);
    }

    /** As it is written: {@code 10.0.0.0/8}. */
    @Override
    public String toString() {
        return first.getHostAddress() + "/" + bits;
    }
}
