package io.sluice.proxy.transport;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.sluice.proxy.admission.HandshakeFailure;
import java.nio.channels.ClosedChannelException;
import java.security.GeneralSecurityException;
import java.util.Locale;

/** What a failed handshake means, whichever engine says it. */
final class TlsFailures {

    private TlsFailures() {}

    static HandshakeFailure kindOf(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof SslHandshakeTimeoutException) {
                return HandshakeFailure.LATE;
            }
            if (each instanceof ClosedChannelException) {
                return HandshakeFailure.CLOSED;
            }
            if (each instanceof GeneralSecurityException || tellsOfCertificate(each)) {
                return HandshakeFailure.CERTIFICATE;
            }
        }
        return HandshakeFailure.PROTOCOL;
    }

    /** An alert has one of these words: RFC 8446, section 6.2. */
    private static boolean tellsOfCertificate(Throwable cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("certificate") || text.contains("unknown_ca") || text.contains("unknown ca");
    }

    /** The words of the innermost cause, which say most. */
    static String reason(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof ClosedChannelException) {
            return "closed in the middle of the handshake";
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
