package io.sluice.proxy.testing;

import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.ErrorKind;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Boards for what counts under test. */
public final class Counting {

    private Counting() {}

    /** One pool {@code alpha} with so many servers, on one event loop. */
    public static MetricBoard board(int servers) {
        List<String> names =
                IntStream.range(0, servers).mapToObj(i -> "server" + i).toList();
        return board(1, new MetricBoard.PoolNames("alpha", names));
    }

    public static MetricBoard board(int loops, MetricBoard.PoolNames... pools) {
        return new MetricBoard(
                List.of(pools),
                Arrays.stream(ErrorKind.values()).map(Enum::name).toList(),
                loops);
    }
}
