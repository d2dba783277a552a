package io.sluice.proxy.tls;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/** Whose word is taken for who a peer is. */
public final class Authorities {

    private Authorities() {}

    /** Their certificates, at least one. Blocks. */
    public static List<X509Certificate> read(Path file) throws TlsFileException {
        return PemFile.read(file).certificates();
    }
}
