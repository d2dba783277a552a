package io.sluice.launcher.ctl;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which manager, and by what right. */
final class ManagerOptions {

    @Option(
            names = "--manager",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:SLUICE_MANAGER:-http://127.0.0.1:9700}",
            description = "A manager, or several with commas: the first that answers. Default: SLUICE_MANAGER, else"
                    + " http://127.0.0.1:9700.")
    private String manager = "";

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:SLUICE_TOKEN}",
            description = "The token. Others see it in the list of processes: better --token-file or SLUICE_TOKEN.")
    private @Nullable String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "A file with the token.")
    private @Nullable Path tokenFile;

    ManagerClient client() {
        List<URI> urls = Arrays.stream(manager.split(","))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(ManagerOptions::url)
                .toList();
        if (urls.isEmpty()) {
            throw CtlException.badInput("--manager: no URL", "expected one such as http://127.0.0.1:9700");
        }
        return new ManagerClient(urls, chosenToken());
    }

    /** A URL that is only an origin, without the slash at its end. */
    static URI url(String text) {
        String origin = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        try {
            URI url = new URI(origin);
            boolean isOrigin = ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                    && url.getHost() != null
                    && url.getRawPath().isEmpty()
                    && url.getRawQuery() == null;
            if (isOrigin) {
                return url;
            }
        } catch (java.net.URISyntaxException e) {
            throw noUrl(text, e);
        }
        throw noUrl(text, null);
    }

    private static CtlException noUrl(String text, @Nullable Exception cause) {
        CtlException problem = CtlException.badInput(
                "--manager: '" + text + "' is no address of a manager", "expected http://HOST:PORT");
        if (cause != null) {
            problem.initCause(cause);
        }
        return problem;
    }

    private @Nullable String chosenToken() {
        if (tokenFile == null) {
            return token == null || token.isBlank() ? null : token.strip();
        }
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw CtlException.badInput(tokenFile + ": cannot be read", "expected a file with the token");
        }
    }
}
