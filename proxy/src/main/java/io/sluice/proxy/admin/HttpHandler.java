package io.sluice.proxy.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP connection: one request, one reply, the end. Scrapers come once in seconds, so nothing is gained by keeping
 * connections, and one that is not kept cannot be filled with requests. Admin thread only.
 */
final class HttpHandler extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(HttpHandler.class);

    /** The dashboard is one file that asks its own server only. */
    private static final String CONTENT_POLICY = "default-src 'none'; connect-src 'self'; img-src data:;"
            + " script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    private static final int MAX_METHOD_SHOWN = 16;

    private final AdminPages pages;
    private final AdminActions actions;
    private final AdminGate gate;
    private final AdminConnections connections;
    private @Nullable Future<?> deadline;
    private boolean answered;
    private @Nullable HttpBody body; // of a request that changes something
    private String allowed = "GET, HEAD";

    HttpHandler(AdminPages pages, AdminActions actions, AdminGate gate, AdminConnections connections) {
        this.pages = pages;
        this.actions = actions;
        this.gate = gate;
        this.connections = connections;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (connections.admit(ctx.channel())) {
            long nanos = connections.limits().requestTimeout().toNanos();
            deadline = ctx.executor().schedule(() -> onLate(ctx), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void onLate(ChannelHandlerContext ctx) {
        if (!answered) {
            reply(ctx, Page.text(408, "no complete request in time"), true);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (!answered && message instanceof HttpRequest request) {
                answer(ctx, request);
            }
            if (!answered && body != null && message instanceof HttpContent piece) {
                gather(ctx, body, piece);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            reply(ctx, malformed(request.decoderResult().cause()), true);
            return;
        }
        boolean head = request.method().equals(HttpMethod.HEAD);
        if (head || request.method().equals(HttpMethod.GET)) {
            reply(ctx, page(path(request.uri())), !head);
        } else {
            prepare(ctx, request, path(request.uri()));
        }
    }

    /** A request that is to change something is answered once its body is there. */
    private void prepare(ChannelHandlerContext ctx, HttpRequest request, String path) {
        Optional<AdminActions.Found> found = actions.at(request.method().name(), path);
        Optional<Page> refusal = found.isPresent() ? gate.refusal(request) : Optional.of(notAllowed(path));
        if (refusal.isPresent()) {
            log.warn(
                    "Admin request refused: method={} status={} peer={}",
                    request.method().name().length() > MAX_METHOD_SHOWN ? "(long)" : request.method(),
                    refusal.get().status(),
                    ctx.channel().remoteAddress());
            reply(ctx, refusal.get(), true);
            return;
        }
        body = found.map(HttpBody::new).orElse(null);
    }

    private Page notAllowed(String path) {
        allowed = actions.methods(path);
        return Page.text(405, "only " + allowed + " are allowed");
    }

    private void gather(ChannelHandlerContext ctx, HttpBody gathered, HttpContent piece) {
        if (piece.decoderResult().isFailure()) {
            reply(ctx, Page.text(400, "not an HTTP request"), true);
        } else if (!gathered.add(piece.content())) {
            reply(ctx, Page.text(413, "the body is longer than " + HttpBody.MAX_BYTES + " bytes"), true);
        } else if (piece instanceof LastHttpContent) {
            answered = true; // by what follows, whatever else this connection brings
            result(gathered).whenCompleteAsync((page, trouble) -> reply(ctx, page, trouble), ctx.executor());
        }
    }

    private static CompletionStage<Page> result(HttpBody gathered) {
        try {
            return gathered.run();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void reply(ChannelHandlerContext ctx, @Nullable Page page, @Nullable Throwable trouble) {
        if (page == null) {
            log.error("What was asked for could not be done", trouble);
            reply(ctx, Page.text(500, "this could not be done; the log says why"), true);
        } else {
            reply(ctx, page, true);
        }
    }

    private static Page malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Page.text(414, "the request line is longer than " + AdminLimits.MAX_REQUEST_LINE_BYTES + " bytes");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Page.text(431, "the header is longer than " + AdminLimits.MAX_HEADER_BYTES + " bytes");
        }
        return Page.text(400, "not an HTTP request");
    }

    private static String path(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    private Page page(String path) {
        try {
            return pages.at(path).orElseGet(pages::notFound);
        } catch (RuntimeException e) {
            log.error("A page could not be made: path={}", path, e);
            return Page.text(500, "this page could not be made; the log says why");
        }
    }

    private void reply(ChannelHandlerContext ctx, Page page, boolean withBody) {
        answered = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        byte[] body = page.body();
        boolean hasRoom = connections.hasRoomFor(body.length);
        send(ctx, hasRoom ? page : Page.text(503, "too many replies wait to be taken"), withBody);
    }

    private void send(ChannelHandlerContext ctx, Page page, boolean withBody) {
        byte[] body = page.body();
        ByteBuf content = withBody ? Unpooled.wrappedBuffer(body) : Unpooled.EMPTY_BUFFER;
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), content);
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, page.contentType());
        headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        headers.set(HttpHeaderNames.CONNECTION, "close");
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        headers.set("x-content-type-options", "nosniff");
        headers.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, CONTENT_POLICY);
        if (page.status() == 405) {
            headers.set(HttpHeaderNames.ALLOW, allowed);
        }
        if (page.status() == 401) {
            headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        connections.finish(ctx, response, content.readableBytes());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("Admin connection lost: peer={}", ctx.channel().remoteAddress(), cause);
        ctx.close();
    }
}
