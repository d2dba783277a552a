package io.sluice.routing.hash;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * MD5, for the hash of that name and for the points of the ketama ring. Each thread keeps one digest of the JDK, whose
 * inner loop the JVM compiles specially; after its first use a thread allocates nothing here.
 */
public final class Md5 {

    /** How many bytes a digest has. */
    public static final int LENGTH = 16;

    private static final ThreadLocal<Md5> OF_THREAD = ThreadLocal.withInitial(Md5::new);

    private final MessageDigest digest;
    private final byte[] result = new byte[LENGTH];

    private Md5() {
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no MD5", e);
        }
    }

    /** The first four bytes of the digest, lowest first. */
    static int hash(byte[] key, int offset, int length) {
        return word(key, offset, length, 0);
    }

    /** One of the four numbers in a digest: bytes 0 to 3, 4 to 7, 8 to 11 or 12 to 15, lowest first. */
    public static int word(byte[] bytes, int offset, int length, int index) {
        return LittleEndian.intAt(OF_THREAD.get().digest(bytes, offset, length), 4 * index);
    }

    private byte[] digest(byte[] bytes, int offset, int length) {
        try {
            digest.update(bytes, offset, length);
            digest.digest(result, 0, LENGTH);
            return result;
        } catch (DigestException e) {
            throw new IllegalStateException("MD5 does not fit into 16 bytes", e);
        }
    }
}
