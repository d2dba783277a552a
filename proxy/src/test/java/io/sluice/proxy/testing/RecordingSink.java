package io.sluice.proxy.testing;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ReplySink;
import java.nio.charset.StandardCharsets;

/** Writes down what a sink is told, and fails the test when it is told more after its end. */
public final class RecordingSink implements ReplySink {

    private final StringBuilder text = new StringBuilder();
    private int pieces;
    private boolean done;
    private boolean broken;

    @Override
    public void onReply(ByteBuf source, int offset, int length, boolean last) {
        refuseAfterEnd();
        pieces++;
        done = last;
        text.append(source.toString(offset, length, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void onBroken(String detail) {
        refuseAfterEnd();
        broken = true;
    }

    private void refuseAfterEnd() {
        if (done || broken) {
            throw new AssertionError("A sink was told something after its end: " + text);
        }
    }

    /** The reply so far, one char for each byte. */
    public String text() {
        return text.toString();
    }

    public int pieces() {
        return pieces;
    }

    /** Whether the last piece has come. */
    public boolean isDone() {
        return done;
    }

    public boolean isBroken() {
        return broken;
    }
}
