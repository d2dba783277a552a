package io.sluice.launcher.mutations;

import static net.bytebuddy.matcher.ElementMatchers.is;
import static net.bytebuddy.matcher.ElementMatchers.named;

import java.io.IOException;
import java.io.UncheckedIOException;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.MethodDelegation;

/** From its start until it is closed one method of the product is another one, in this JVM. One at a time. */
final class SwitchedOff implements AutoCloseable {

    private final Class<?> type;
    private final ClassFileLocator files;
    private final ClassReloadingStrategy reloading;
    private final long callsBefore = Instead.calls();

    private SwitchedOff(Class<?> type) {
        this.type = type;
        this.files = ClassFileLocator.ForClassLoader.of(type.getClassLoader());
        ByteBuddyAgent.install();
        this.reloading = ClassReloadingStrategy.fromInstalledAgent();
    }

    static SwitchedOff begin(Mutation mutation) {
        SwitchedOff begun = new SwitchedOff(mutation.target().getDeclaringClass());
        new ByteBuddy()
                .with(TypeValidation.DISABLED)
                .with(Implementation.Context.Disabled.Factory.INSTANCE) // a loaded class gets no new members
                .redefine(begun.type, begun.files)
                .method(is(mutation.target()))
                .intercept(MethodDelegation.withDefaultConfiguration()
                        .filter(named(mutation.instead()))
                        .to(Instead.class))
                .make()
                .load(begun.type.getClassLoader(), begun.reloading);
        return begun;
    }

    /** How often what takes its place has been called so far. */
    long calls() {
        return Instead.calls() - callsBefore;
    }

    /** As it was. */
    @Override
    public void close() {
        try {
            reloading.reset(files, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
