package io.sluice.manager.store;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Questions that are on their way to ZooKeeper at the same time: many cost one round trip. A handle answers in the order in
 * which it was asked. Not for the handle's own event thread, which brings the answers.
 */
final class Questions {

    private final ZooKeeper zooKeeper;

    Questions(ZooKeeper zooKeeper) {
        this.zooKeeper = zooKeeper;
    }

    /** A node as it was found. */
    static final class Node {

        private final byte[] bytes;
        private final Stat stat;

        Node(byte @Nullable [] bytes, Stat stat) {
            this.bytes = bytes == null ? new byte[0] : bytes;
            this.stat = stat;
        }

        byte[] bytes() {
            return bytes;
        }

        Stat stat() {
            return stat;
        }
    }

    /** What is asked after this is answered by something that a quorum has agreed upon since; see {@link Ensemble}. */
    CompletableFuture<Boolean> agreed(String path, int anyVersion) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        zooKeeper.multi(
                List.of(Op.check(path, anyVersion)),
                (code, at, context, results) -> tell(answer, code, path, true),
                null);
        return answer;
    }

    /** Empty if there is none. */
    CompletableFuture<Optional<Node>> node(String path, @Nullable Watcher watcher) {
        CompletableFuture<Optional<Node>> answer = new CompletableFuture<>();
        zooKeeper.getData(
                path,
                watcher,
                (code, at, context, bytes, stat) -> {
                    if (code == Code.NONODE.intValue()) {
                        answer.complete(Optional.empty());
                    } else {
                        tell(answer, code, path, stat == null ? Optional.empty() : Optional.of(new Node(bytes, stat)));
                    }
                },
                null);
        return answer;
    }

    CompletableFuture<List<String>> children(String path) {
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        zooKeeper.getChildren(
                path,
                null,
                (int code, String at, Object context, List<String> names) ->
                        tell(answer, code, path, names == null ? List.of() : names),
                null);
        return answer;
    }

    private static <T> void tell(CompletableFuture<T> answer, int code, String path, T value) {
        if (code == Code.OK.intValue()) {
            answer.complete(value);
        } else {
            answer.completeExceptionally(KeeperException.create(Code.get(code), path));
        }
    }

    /** Waits for an answer, for as long as the handle takes to answer or to give the connection up. */
    static <T> T answer(CompletableFuture<T> question) throws KeeperException, InterruptedException {
        try {
            return question.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KeeperException refused) {
                throw refused;
            }
            throw new IllegalStateException("A question to ZooKeeper broke", e.getCause());
        }
    }
}
