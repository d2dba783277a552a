package io.sluice.proxy.admin;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;

/** The body of a request, as it comes in. Admin thread only. */
final class HttpBody {

    static final int MAX_BYTES = 64 << 10;

    private final AdminActions.Found found;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** @param found what is done once all of it is there */
    HttpBody(AdminActions.Found found) {
        this.found = found;
    }

    /** Adds a piece, which it borrows; false if that would be too much. */
    boolean add(ByteBuf piece) {
        if (bytes.size() + piece.readableBytes() > MAX_BYTES) {
            return false;
        }
        byte[] copy = new byte[piece.readableBytes()];
        piece.getBytes(piece.readerIndex(), copy);
        bytes.writeBytes(copy);
        return true;
    }

    /** Does what the request asks for. */
    CompletionStage<Page> run() {
        return found.action().run(found.rest(), bytes.toString(StandardCharsets.UTF_8));
    }
}
