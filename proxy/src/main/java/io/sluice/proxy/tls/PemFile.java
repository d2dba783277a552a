package io.sluice.proxy.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text file with blocks such as {@code -----BEGIN CERTIFICATE-----}; what stands between them is no matter. RFC 7468. */
final class PemFile {

    /** Larger files are not read. The collections of all public authorities have a few hundred KiB. */
    static final int MAX_BYTES = 4 << 20;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*(?:-[^-]+)*)-----END \\1-----", Pattern.DOTALL);

    /** One block: what it calls itself, and what is between its lines. */
    record Block(String label, String body) {

        /** The bytes it stands for. */
        byte[] decode(Path file) throws TlsFileException {
            try {
                return Base64.getMimeDecoder().decode(body.strip());
            } catch (IllegalArgumentException e) {
                throw new TlsFileException(file, "the block '" + label + "' is not Base64");
            }
        }
    }

    private final Path path;
    private final List<Block> blocks;

    private PemFile(Path path, List<Block> blocks) {
        this.path = path;
        this.blocks = blocks;
    }

    static PemFile read(Path path) throws TlsFileException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text(path));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return new PemFile(path, blocks);
    }

    /** The whole file as text. */
    static String text(Path path) throws TlsFileException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new TlsFileException(path, "is too large; expected at most " + MAX_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new TlsFileException(path, "no such file");
        } catch (AccessDeniedException e) {
            throw new TlsFileException(path, "may not be read by the user that the proxy runs as");
        } catch (IOException e) {
            String why = Files.isDirectory(path) ? "is a directory" : "cannot be read";
            throw new TlsFileException(path, why + "; expected a file in PEM format");
        }
    }

    Path path() {
        return path;
    }

    List<Block> blocks() {
        return blocks;
    }

    /** At least one. */
    List<X509Certificate> certificates() throws TlsFileException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label().endsWith("CERTIFICATE")) {
                certificates.add(certificate(block));
            }
        }
        if (certificates.isEmpty()) {
            throw new TlsFileException(path, "holds no certificate; expected '-----BEGIN CERTIFICATE-----'");
        }
        return certificates;
    }

    private X509Certificate certificate(Block block) throws TlsFileException {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.decode(path)));
        } catch (CertificateException e) {
            throw new TlsFileException(path, "holds a block that is no X.509 certificate");
        }
    }
}
