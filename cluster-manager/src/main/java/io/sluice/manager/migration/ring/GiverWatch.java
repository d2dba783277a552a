package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.ring.RingServers.Silent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** For how long a server that gives keys away has not answered. Used by one thread. */
final class GiverWatch {

    private final RingServers servers;
    private final RingTools tools;
    private final Errand<Optional<Silent>> probe;
    private @Nullable Silent silent; // as of the last probe
    private long since; // when it was asked in vain for the first time
    private long sentAt;

    GiverWatch(RingServers servers, RingTools tools) {
        this.servers = servers;
        this.tools = tools;
        this.probe = new Errand<>(tools.executor());
        this.sentAt = tools.now() - tools.rules().lookPause().toNanos();
    }

    /** Why a server has been away for so long that its keys cannot be written in the window; told when it has just been asked. */
    Optional<String> awayForLong() {
        Optional<Optional<Silent>> answer = probe.take().flatMap(Errand.Outcome::value);
        answer.ifPresent(this::onAnswer);
        if (!probe.isOut() && tools.now() - sentAt >= tools.rules().lookPause().toNanos()) {
            sentAt = tools.now();
            probe.send(servers::silentGiver);
        }
        return answer.flatMap(found -> found)
                .filter(away ->
                        tools.now() - since >= tools.rules().silenceLimit().toNanos())
                .map(Silent::reason);
    }

    /** Two servers that are away one after the other are not one that is away for long. */
    private void onAnswer(Optional<Silent> found) {
        Silent before = silent;
        silent = found.orElse(null);
        boolean isSame = before != null
                && found.map(Silent::server).filter(before.server()::equals).isPresent();
        if (!isSame) {
            since = sentAt;
        }
    }
}
