package io.sluice.routing.hash;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * MD5, for the hash of that name and for the points of the ketama ring. Each thread keeps one digest of the JDK, whose
 * inner loop the JVM compiles specially; after its first use a thread allocates nothing here.
 */
public final class Md5 {

    /** Bytes of a digest. */
    private static final int LENGTH = 16;

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
        return LittleEndian.intAt(OF_THREAD.get().digest(key, offset, length), 0);
    }

    /** The four numbers in a digest, each of four bytes, lowest first. */
    public static int[] words(byte[] bytes) {
        byte[] digest = OF_THREAD.get().digest(bytes, 0, bytes.length);
        int[] words = new int[LENGTH / Integer.BYTES];
        for (int i = 0; i < words.length; i++) {
            words[i] = LittleEndian.intAt(digest, Integer.BYTES * i);
        }
        return words;
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
