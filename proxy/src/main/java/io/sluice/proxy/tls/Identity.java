package io.sluice.proxy.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who the proxy is to its peers: a certificate and the key that belongs to it.
 *
 * @param chain the certificate, then those that lead to its authority
 */
public record Identity(PrivateKey key, List<X509Certificate> chain) {

    private static final byte[] PROBE = "sluice".getBytes(StandardCharsets.US_ASCII);

    public Identity {
        chain = List.copyOf(chain);
    }

    /** Reads and checks both files. Blocks. */
    public static Identity read(CertificateFiles files) throws TlsFileException {
        List<X509Certificate> chain = PemFile.read(files.certificate()).certificates();
        PrivateKey key = KeyFile.read(files.key(), files.keyPasswordFile());
        if (!belongTogether(key, chain.get(0).getPublicKey())) {
            throw new TlsFileException(files.key(), "does not belong to the certificate in " + files.certificate());
        }
        return new Identity(key, chain);
    }

    /** Whether what the one signs the other believes. */
    private static boolean belongTogether(PrivateKey key, PublicKey certified) {
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> key.getAlgorithm();
                    });
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) { // as of two curves
            return false;
        }
    }

    /** The first moment at which its certificate is no longer believed. */
    public Instant notAfter() {
        return chain.get(0).getNotAfter().toInstant();
    }

    /** What an operator should know of its certificate's time; empty while it is valid. */
    public Optional<String> untimely(Instant now) {
        Instant from = chain.get(0).getNotBefore().toInstant();
        if (now.isAfter(notAfter())) {
            return Optional.of("expired at " + notAfter() + ": peers that look will refuse it");
        }
        return now.isBefore(from)
                ? Optional.of("is not valid before " + from + ": peers that look will refuse it")
                : Optional.empty();
    }

    /** Hides the key. */
    @Override
    public String toString() {
        return "Identity[" + chain.get(0).getSubjectX500Principal() + "]";
    }
}
