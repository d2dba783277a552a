package io.sluice.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.sluice.proxy.testing.Authority;
import io.sluice.testing.Binaries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files alone: no network. */
class IdentityTest {

    @TempDir
    Path folder;

    private Authority authority;

    @BeforeEach
    void found() throws Exception {
        authority = new Authority(folder, "authority");
    }

    private CertificateFiles withKey(X509Bundle bundle, String keyText, @Nullable String password) throws Exception {
        Path certificate = Files.writeString(folder.resolve("c.pem"), bundle.getCertificatePathPEM());
        Path key = Files.writeString(folder.resolve("k.pem"), keyText);
        Path passwordFile = password == null ? null : Files.writeString(folder.resolve("p.txt"), password + "\n");
        return new CertificateFiles(certificate, key, passwordFile);
    }

    private static String pem(String label, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    private static void assertRefused(CertificateFiles files, Path culprit, String message) {
        assertThatThrownBy(() -> Identity.read(files)).isInstanceOfSatisfying(TlsFileException.class, refusal -> {
            assertThat(refusal.file()).isEqualTo(culprit);
            assertThat(refusal).hasMessageContaining(message);
            assertThat(refusal.getMessage()).doesNotContain("Exception");
        });
    }

    // ---- keys

    @ParameterizedTest
    @EnumSource(
            value = CertificateBuilder.Algorithm.class,
            names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
    void keysOfAllUsualAlgorithmsAreRead(CertificateBuilder.Algorithm algorithm) throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=x")
                .setIsCertificateAuthority(true)
                .algorithm(algorithm)
                .buildSelfSigned();

        Identity identity = Identity.read(withKey(bundle, bundle.getPrivateKeyPEM(), null));

        assertThat(identity.key()).isEqualTo(bundle.getKeyPair().getPrivate());
        assertThat(identity.toString()).contains("CN=x").doesNotContain("key");
    }

    /** As OpenSSL 1 wrote them: PKCS#1 is what stands within PKCS#8, behind 26 bytes for a key of 2048 bits. */
    @Test
    void rsaKeysInTheirOldFormAreRead() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=x")
                .setIsCertificateAuthority(true)
                .rsa2048()
                .buildSelfSigned();
        byte[] pkcs8 = bundle.getKeyPair().getPrivate().getEncoded();
        String old = pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));

        assertThat(Identity.read(withKey(bundle, old, null)).key())
                .isEqualTo(bundle.getKeyPair().getPrivate());
    }

    @Test
    void encryptedKeysAreReadWithTheirPassword() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=x")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        String encrypted = encrypted(bundle.getPrivateKeyPEM(), "secret");

        assertThat(Identity.read(withKey(bundle, encrypted, "secret")).key())
                .isEqualTo(bundle.getKeyPair().getPrivate());
        assertRefused(withKey(bundle, encrypted, "wrong"), folder.resolve("k.pem"), "cannot be decrypted");
        assertRefused(withKey(bundle, encrypted, null), folder.resolve("k.pem"), "is encrypted; expected its password");
    }

    /** By the program that people use for it. */
    private String encrypted(String keyText, String password) throws Exception {
        Path clear = Files.writeString(folder.resolve("clear.pem"), keyText);
        Path sealed = folder.resolve("sealed.pem");
        Process openssl = new ProcessBuilder(
                        Binaries.onPathOrSkip("openssl", "openssl").toString(),
                        "pkcs8",
                        "-topk8",
                        "-in",
                        clear.toString(),
                        "-out",
                        sealed.toString(),
                        "-passout",
                        "pass:" + password)
                .redirectErrorStream(true)
                .start();
        assertThat(openssl.waitFor()).isZero();
        return Files.readString(sealed);
    }

    @Test
    void otherFormsSayHowToConvertThem() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=x")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();

        assertRefused(
                withKey(bundle, pem("EC PRIVATE KEY", new byte[] {1}), null),
                folder.resolve("k.pem"),
                "openssl pkcs8 -topk8 -nocrypt");
        assertRefused(
                withKey(
                        bundle,
                        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
                        null),
                folder.resolve("k.pem"),
                "is encrypted in the old way");
    }

    // ---- what is wrong

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=x")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle other = new CertificateBuilder()
                .subject("CN=y")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle rsa = new CertificateBuilder()
                .subject("CN=z")
                .setIsCertificateAuthority(true)
                .rsa2048()
                .buildSelfSigned();
        Path key = folder.resolve("k.pem");

        assertRefused(withKey(bundle, other.getPrivateKeyPEM(), null), key, "does not belong to the certificate in");
        assertRefused(withKey(bundle, rsa.getPrivateKeyPEM(), null), key, "does not belong to the certificate in");
    }

    @Test
    void filesThatHoldNothingOfTheKindSayWhatWasExpected() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=x")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        Path none = folder.resolve("none.pem");
        CertificateFiles good = withKey(bundle, bundle.getPrivateKeyPEM(), null);

        assertRefused(new CertificateFiles(none, good.key(), null), none, "no such file");
        assertRefused(new CertificateFiles(folder, good.key(), null), folder, "is a directory");
        assertRefused(new CertificateFiles(empty, good.key(), null), empty, "holds no certificate");
        assertRefused(new CertificateFiles(good.certificate(), empty, null), empty, "holds no private key");
        assertRefused(
                withKey(bundle, pem("PRIVATE KEY", new byte[] {1, 2, 3}), null),
                good.key(),
                "no key of a known algorithm");
        assertRefused(withKey(bundle, bundle.getCertificatePEM(), null), good.key(), "holds no private key");
    }

    // ---- time

    @Test
    void anExpiredCertificateIsUsableAndSaysSo() throws Exception {
        Identity expired = Identity.read(authority.issueExpired("old").files());
        Identity valid = Identity.read(authority.issue("new").files());

        assertThat(expired.untimely(Instant.now()))
                .hasValueSatisfying(text -> assertThat(text).startsWith("expired at "));
        assertThat(valid.untimely(Instant.now())).isEmpty();
        assertThat(valid.untimely(Instant.EPOCH))
                .hasValueSatisfying(text -> assertThat(text).startsWith("is not valid before "));
    }

    // ---- renewal

    private Reloading<ListenerContexts> reloading(CertificateFiles files) throws TlsFileException {
        ListenerTls tls = new ListenerTls(
                files,
                Map.of(),
                null,
                ClientCertificates.NONE,
                ListenerTls.DEFAULT_HANDSHAKE_TIMEOUT,
                ListenerTls.DEFAULT_MAX_HANDSHAKES);
        return new Reloading<>("alpha", "tls", tls.files(), () -> ListenerContexts.read(tls, TlsEngine.JDK));
    }

    @Test
    void newFilesAreTakenWhenTheyHaveBeenStillForALook() throws Exception {
        Authority.Issued current = authority.issue("current");
        Reloading<ListenerContexts> certificates = reloading(current.files());
        ListenerContexts before = certificates.get();
        certificates.check();
        authority.issueRsa("renewed").replace(current.files());

        certificates.check();
        assertThat(certificates.get()).isSameAs(before);
        certificates.check();

        assertThat(certificates.get()).isNotSameAs(before);
        assertThat(certificates.reloads()).isEqualTo(1);
        certificates.check();
        assertThat(certificates.reloads()).isEqualTo(1);
    }

    @Test
    void badNewFilesChangeNothingUntilTheyAreGood() throws Exception {
        Authority.Issued current = authority.issue("current");
        Authority.Issued renewed = authority.issue("renewed");
        Reloading<ListenerContexts> certificates = reloading(current.files());
        ListenerContexts before = certificates.get();

        Files.copy(renewed.files().certificate(), current.files().certificate(), StandardCopyOption.REPLACE_EXISTING);
        certificates.check();
        certificates.check();
        certificates.check();
        assertThat(certificates.get()).isSameAs(before);
        assertThat(certificates.refusals()).isEqualTo(1);
        renewed.replace(current.files());
        certificates.check();
        certificates.check();

        assertThat(certificates.get()).isNotSameAs(before);
        assertThat(certificates.refusals()).isEqualTo(1);
    }

    @Test
    void filesThatAreGoneChangeNothing() throws Exception {
        Authority.Issued current = authority.issue("current");
        Reloading<ListenerContexts> certificates = reloading(current.files());
        ListenerContexts before = certificates.get();
        Files.delete(current.files().key());

        certificates.check();
        certificates.check();

        assertThat(certificates.get()).isSameAs(before);
        assertThat(certificates.refusals()).isEqualTo(1);
    }
}
