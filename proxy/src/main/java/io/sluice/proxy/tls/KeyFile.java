package io.sluice.proxy.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads a private key. */
final class KeyFile {

    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    /** What precedes the key itself in PKCS#8: version 0, then the algorithm rsaEncryption without parameters. */
    private static final byte[] RSA_PREFIX = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;

    private final Path path;

    private KeyFile(Path path) {
        this.path = path;
    }

    static PrivateKey read(Path path, @Nullable Path passwordFile) throws TlsFileException {
        KeyFile file = new KeyFile(path);
        for (PemFile.Block block : PemFile.read(path).blocks()) {
            if (block.label().endsWith("PRIVATE KEY")) {
                return file.key(block, passwordFile);
            }
        }
        throw new TlsFileException(path, "holds no private key; expected '-----BEGIN PRIVATE KEY-----'");
    }

    private PrivateKey key(PemFile.Block block, @Nullable Path passwordFile) throws TlsFileException {
        if (block.body().contains("ENCRYPTED")) { // in a header, as OpenSSL wrote it before version 1.0
            throw unread("is encrypted in the old way");
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> ofPkcs8(block.decode(path));
            case "ENCRYPTED PRIVATE KEY" -> ofPkcs8(decrypted(block.decode(path), passwordFile));
            case "RSA PRIVATE KEY" -> ofPkcs8(wrapped(block.decode(path)));
            default -> throw unread("is a key of the kind '" + block.label() + "'");
        };
    }

    private TlsFileException unread(String what) {
        return new TlsFileException(
                path, what + ", which is not read; expected PKCS#8: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW");
    }

    private PrivateKey ofPkcs8(byte[] encoded) throws TlsFileException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
        for (String algorithm : ALGORITHMS) {
            @Nullable PrivateKey key = of(algorithm, spec);
            if (key != null) {
                return key;
            }
        }
        throw new TlsFileException(path, "holds no key of a known algorithm; expected RSA, EC or Ed25519");
    }

    private static @Nullable PrivateKey of(String algorithm, PKCS8EncodedKeySpec spec) {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(spec);
        } catch (GeneralSecurityException e) { // it is a key of another algorithm, or none at all
            return null;
        }
    }

    private byte[] decrypted(byte[] encoded, @Nullable Path passwordFile) throws TlsFileException {
        if (passwordFile == null) {
            throw new TlsFileException(
                    path, "is encrypted; expected its password in a file, named by key_password_file");
        }
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encoded);
            String algorithm = algorithmOf(info);
            PBEKeySpec password = new PBEKeySpec(firstLine(passwordFile).toCharArray());
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(password),
                    info.getAlgParameters());
            return info.getKeySpec(cipher).getEncoded();
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsFileException(path, "cannot be decrypted with the password of " + passwordFile);
        }
    }

    /** For PBES2 the JDK has the full name in the parameters. */
    private static String algorithmOf(EncryptedPrivateKeyInfo info) {
        boolean isPbes2 = info.getAlgName().equals("PBES2") || info.getAlgName().equals("1.2.840.113549.1.5.13");
        return isPbes2 ? info.getAlgParameters().toString() : info.getAlgName();
    }

    private static String firstLine(Path passwordFile) throws TlsFileException {
        return PemFile.text(passwordFile).lines().findFirst().orElse("");
    }

    // ---- PKCS#1

    /** RFC 5208: SEQUENCE { version, algorithm, OCTET STRING { the PKCS#1 key } }. */
    private static byte[] wrapped(byte[] pkcs1) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(RSA_PREFIX);
        body.writeBytes(tagged(OCTET_STRING, pkcs1));
        return tagged(SEQUENCE, body.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int lengthBytes = content.length < 0x80 ? 0 : (39 - Integer.numberOfLeadingZeros(content.length)) / 8;
        if (lengthBytes > 0) {
            out.write(0x80 | lengthBytes); // so many bytes of length follow, no more than needed
        }
        for (int shift = Math.max(0, lengthBytes - 1) * 8; shift >= 0; shift -= 8) {
            out.write(content.length >> shift);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
