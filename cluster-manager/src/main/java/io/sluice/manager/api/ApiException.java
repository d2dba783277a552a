package io.sluice.manager.api;

import io.sluice.manager.api.Answers.ErrorAnswer;
import io.sluice.manager.api.Answers.MistakeAnswer;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.config.ConfigException;
import java.io.Serial;
import java.util.List;
import java.util.Optional;

/** A request that is answered with an error. */
final class ApiException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient ErrorAnswer answer;

    private ApiException(int status, ErrorAnswer answer) {
        super(answer.message());
        this.status = status;
        this.answer = answer;
    }

    static ApiException of(int status, String error, String message, String hint) {
        return new ApiException(status, new ErrorAnswer(error, message, hint, null, null));
    }

    static ApiException badRequest(String message, String hint) {
        return of(400, "bad_request", message, hint);
    }

    static ApiException notFound(String message) {
        return of(404, "not_found", message, "GET /v1/pools, /v1/topology and /v1/proxies tell what there is");
    }

    /** Everything that is wrong with a body, or with the file in it. */
    static ApiException of(ConfigException mistaken) {
        List<MistakeAnswer> mistakes = mistaken.problems().stream()
                .map(found ->
                        new MistakeAnswer(found.file(), found.line(), found.column(), found.key(), found.message()))
                .toList();
        String message = mistakes.size() == 1 ? "found a mistake" : "found " + mistakes.size() + " mistakes";
        return new ApiException(
                400,
                new ErrorAnswer(
                        "bad_request", message, "mend what 'mistakes' tells; nothing was changed", mistakes, null));
    }

    static ApiException of(ChangeRefusedException refused) {
        String message = String.join("\n", refused.reasons());
        return refused.isStale()
                ? of(409, "epoch_changed", message, "nothing was changed; make a new plan, and apply that one's epoch")
                : of(409, "refused", message, "nothing was changed");
    }

    static ApiException notLeader(Optional<String> leader) {
        String message = "this manager does not lead";
        return leader.isPresent()
                ? new ApiException(
                        421, new ErrorAnswer("not_leader", message, "ask the one at 'leader'", null, leader.get()))
                : of(503, "no_leader", message + ", and no other is known to", "ask again in a few seconds");
    }

    static ApiException of(StoreException failed, Optional<String> leader) {
        String message = String.valueOf(failed.getMessage());
        return switch (failed.reason()) {
            case NOT_LEADER -> notLeader(leader);
            case CHANGED_MEANWHILE ->
                of(409, "epoch_changed", message, "others change the topology all the time; try again");
            case UNAVAILABLE ->
                of(
                        503,
                        "no_zookeeper",
                        message,
                        "nothing was changed; proxies go on with what they have. See whether a majority of the"
                                + " ZooKeeper servers runs");
            case OUTCOME_UNKNOWN ->
                of(
                        503,
                        "outcome_unknown",
                        message,
                        "compare GET /v1/topology, /v1/proxies and /v1/history before you try again");
            case REFUSED -> of(409, "refused", message, "nothing was changed");
            case BAD_DOCUMENT ->
                of(
                        500,
                        "bad_document",
                        message,
                        "somebody else wrote into ZooKeeper; proxies go on with the last one they could read");
        };
    }

    int status() {
        return status;
    }

    ErrorAnswer answer() {
        return answer;
    }
}
