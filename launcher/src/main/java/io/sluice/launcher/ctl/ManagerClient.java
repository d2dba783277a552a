package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.ApiJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks a manager: the first of several that answers, and the one that leads where that is needed. What may have been
 * carried out is never sent twice.
 */
final class ManagerClient {

    /** How often one manager sends on to another. */
    static final int MAX_HOPS = 3;

    /** Longer answers are none of a manager. */
    static final int MAX_ANSWER_BYTES = 64 << 20;

    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** ZooKeeper may need some seconds to elect. */
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    /** Nothing was done, and another manager may be better off. */
    private static final Set<String> TRY_ANOTHER = Set.of("no_zookeeper", "no_leader");

    private final List<URI> managers;
    private final @Nullable String token;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    /** @param managers at least one */
    ManagerClient(List<URI> managers, @Nullable String token) {
        this.managers = List.copyOf(managers);
        this.token = token;
    }

    /** Asks for what changes nothing. */
    String get(String path) {
        return ask("GET", path, BodyPublishers.noBody(), false);
    }

    /** Asks for a plan. */
    String plan(String body) {
        return ask("POST", "/v1/plan", BodyPublishers.ofString(body), false);
    }

    /** Changes something. */
    String apply(String body) {
        return ask("POST", "/v1/apply", BodyPublishers.ofString(body), true);
    }

    /** Removes something. */
    String delete(String path) {
        return ask("DELETE", path, BodyPublishers.noBody(), true);
    }

    private String ask(String method, String path, BodyPublisher body, boolean changes) {
        List<NoConnection> failures = new ArrayList<>();
        @Nullable CtlException last = null;
        for (URI manager : managers) {
            try {
                return follow(manager, method, path, body, changes);
            } catch (NoConnection e) {
                failures.add(e);
            } catch (CtlException e) {
                if (!TRY_ANOTHER.contains(e.answer().error())) {
                    throw e;
                }
                last = e;
            }
        }
        throw last != null ? last : unreachable(failures);
    }

    private static CtlException unreachable(List<NoConnection> failures) {
        String reasons = failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
        boolean leaderIsNamed = failures.stream().anyMatch(failure -> failure.isLeader);
        return CtlException.of(
                CtlExit.UNREACHABLE,
                "unreachable",
                (leaderIsNamed ? "no leader answers: " : "no manager answers: ") + reasons,
                leaderIsNamed
                        ? "nothing was changed. If it died, another one leads within seconds: try again. Else managers"
                                + " tell others an address that is no good here: set 'url' in their files"
                        : "is one running ('sluice manager')? Say where: --manager http://HOST:9700, or"
                                + " SLUICE_MANAGER; several with commas");
    }

    /** Nothing was sent. */
    private static final class NoConnection extends Exception {
        private static final long serialVersionUID = 1;

        /** Whether another manager said that it leads. */
        private final boolean isLeader;

        NoConnection(String message, boolean isLeader) {
            super(message);
            this.isLeader = isLeader;
        }
    }

    private String follow(URI first, String method, String path, BodyPublisher body, boolean changes)
            throws NoConnection {
        URI manager = first;
        for (int hop = 0; ; hop++) {
            HttpResponse<InputStream> response = hop == 0
                    ? send(manager, method, path, body, changes)
                    : sendOn(first, manager, method, path, body, changes);
            String text = text(manager, response, changes);
            if (response.statusCode() == 200) {
                return text;
            }
            ErrorAnswer error = error(manager, response.statusCode(), text);
            if (error.leader() == null || hop == MAX_HOPS) {
                throw new CtlException(exitCode(response.statusCode()), error);
            }
            manager = ManagerOptions.url(error.leader());
        }
    }

    /** To the one that {@code first} takes for the leader, or that did for whom it took. */
    private HttpResponse<InputStream> sendOn(
            URI first, URI leader, String method, String path, BodyPublisher body, boolean changes)
            throws NoConnection {
        if (token != null && "https".equals(first.getScheme()) && !"https".equals(leader.getScheme())) {
            throw CtlException.of(
                    CtlExit.FAILED,
                    "not_encrypted",
                    first + " says that " + leader + " leads; the token is not sent there without TLS",
                    "nothing was changed. Set 'url' of the managers to their https addresses, or ask the leader itself:"
                            + " --manager");
        }
        try {
            return send(leader, method, path, body, changes);
        } catch (NoConnection e) {
            throw new NoConnection(first + " says that another one leads: " + e.getMessage(), true);
        }
    }

    private HttpResponse<InputStream> send(URI manager, String method, String path, BodyPublisher body, boolean changes)
            throws NoConnection {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(manager + path))
                .timeout(ANSWER_TIMEOUT)
                .header("Content-Type", "application/json")
                .method(method, body);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return http.send(request.build(), BodyHandlers.ofInputStream());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw new NoConnection(manager + " (" + reason(e) + ")", false);
        } catch (IOException e) {
            throw cutOff(manager, e, changes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CtlException.of(CtlExit.FAILED, "interrupted", "interrupted", "");
        }
    }

    private static String reason(IOException e) {
        if (e instanceof HttpConnectTimeoutException) {
            return "no connection within " + CONNECT_TIMEOUT.toSeconds() + " s";
        }
        return e.getCause() instanceof java.nio.channels.UnresolvedAddressException
                ? "no such host"
                : "connection refused";
    }

    private static CtlException cutOff(URI manager, IOException e, boolean changes) {
        String message = manager + " did not answer: "
                + Optional.ofNullable(e.getMessage()).orElse("cut off");
        return changes
                ? CtlException.of(
                        CtlExit.FAILED,
                        "outcome_unknown",
                        message + "; the change may have been made or not",
                        "look before you try again: 'sluice ctl history', 'sluice ctl topology show'")
                : CtlException.of(
                        CtlExit.UNREACHABLE, "unreachable", message, "nothing was changed; is it a manager's address?");
    }

    private static String text(URI manager, HttpResponse<InputStream> response, boolean changes) {
        try (InputStream in = response.body()) {
            return new String(in.readNBytes(MAX_ANSWER_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw cutOff(manager, e, changes);
        }
    }

    private static ErrorAnswer error(URI manager, int status, String text) {
        return ApiJson.read(text, ErrorAnswer.class)
                .filter(ManagerClient::isComplete)
                .orElseThrow(() -> CtlException.of(
                        CtlExit.UNREACHABLE,
                        "no_manager",
                        manager + " answers, but is no manager (status " + status + ")",
                        "9700 is a manager's port by default; 9600 is a proxy's"));
    }

    /** What was read by names may lack some. */
    @SuppressWarnings("ConstantConditions")
    private static boolean isComplete(ErrorAnswer error) {
        return error.error() != null && error.message() != null && error.hint() != null;
    }

    private static int exitCode(int status) {
        if (status == 409) {
            return CtlExit.REFUSED;
        }
        return status >= 500 || status == 421 ? CtlExit.FAILED : CtlExit.BAD_INPUT;
    }
}
