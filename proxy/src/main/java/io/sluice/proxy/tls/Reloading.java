package io.sluice.proxy.tls;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest of what is made of files. Good new files replace it as a whole; bad ones change nothing, and the log says
 * why. {@link #get} may be called from any thread, {@link #check} from one.
 *
 * @param <T> what is made of them
 */
public final class Reloading<T extends Expiring> implements Supplier<T> {

    /** Makes it anew. Blocks while it reads. */
    public interface Reader<T> {
        T read() throws TlsFileException;
    }

    private static final Logger log = LoggerFactory.getLogger(Reloading.class);

    private final String pool;
    private final String what;
    private final List<Path> files;
    private final Reader<T> reader;
    private FileStamps stamps; // of the files as they were read last, whether good or not
    private @Nullable FileStamps changing; // as they were at the last look, if that was not what they are
    private volatile T current;
    private volatile long reloads;
    private volatile long refusals;

    /**
     * Reads it for the first time.
     *
     * @param what for the log: {@code tls} or {@code server_tls}
     */
    public Reloading(String pool, String what, List<Path> files, Reader<T> reader) throws TlsFileException {
        this.pool = pool;
        this.what = what;
        this.files = List.copyOf(files);
        this.reader = reader;
        this.stamps = FileStamps.of(this.files);
        this.current = reader.read();
    }

    @Override
    public T get() {
        return current;
    }

    /**
     * Reads the files again if they have changed, and then not again since the last look: whoever renews a certificate
     * writes several files. Blocks.
     */
    void check() {
        FileStamps now = FileStamps.of(files);
        if (now.equals(stamps)) {
            changing = null;
        } else if (now.equals(changing)) {
            changing = null;
            stamps = now;
            readAgain();
        } else {
            changing = now;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void readAgain() {
        try {
            T read = reader.read();
            current = read;
            reloads++;
            log.info("Certificates read anew: pool={} section={} not_after={}", pool, what, read.notAfter());
        } catch (TlsFileException e) {
            refusals++;
            log.warn("New certificates not used, the old ones stay: pool={} section={} {}", pool, what, e.describe());
        }
    }

    public String pool() {
        return pool;
    }

    public String what() {
        return what;
    }

    /** How often good new files were taken. */
    public long reloads() {
        return reloads;
    }

    /** How often new files were bad. */
    public long refusals() {
        return refusals;
    }
}
