package io.sluice.launcher.mutations;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A check that is switched off.
 *
 * @param name what is missing then
 * @param place the method that makes the check, as {@code package.Class#method(Type,Type)}
 * @param instead the method of {@link Instead} that takes its place
 * @param atOnce tests without servers that must notice, as {@code package.Class#method}
 * @param amongServers the same with servers
 */
record Mutation(String name, String place, String instead, List<String> atOnce, List<String> amongServers) {

    static Mutation of(String name, String place, String instead) {
        return new Mutation(name, place, instead, List.of(), List.of());
    }

    Mutation noticedAtOnceBy(String test) {
        return new Mutation(name, place, instead, with(atOnce, test), amongServers);
    }

    Mutation noticedBy(String test) {
        return new Mutation(name, place, instead, atOnce, with(amongServers, test));
    }

    private static List<String> with(List<String> tests, String test) {
        List<String> all = new ArrayList<>(tests);
        all.add(test);
        return List.copyOf(all);
    }

    /** The method that is changed; throws if there is none, or more than one. */
    Method target() {
        int end = place.indexOf('(');
        return only(
                place,
                methods(place.substring(0, end))
                        .filter(method -> types(method).equals(place.substring(end)))
                        .toList());
    }

    private static String types(Method method) {
        return Stream.of(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(",", "(", ")"));
    }

    /** What takes its place; throws if there is no such method. */
    Method replacement() {
        return only(instead, methods(Instead.class.getName() + "#" + instead).toList());
    }

    List<Method> testsAtOnce() {
        return atOnce.stream().map(Mutation::test).toList();
    }

    List<Method> testsAmongServers() {
        return amongServers.stream().map(Mutation::test).toList();
    }

    private static Method test(String place) {
        return only(place, methods(place).toList());
    }

    private static Stream<Method> methods(String place) {
        int end = place.indexOf('#');
        String name = place.substring(end + 1);
        try {
            Class<?> type = Class.forName(
                    place.substring(0, end), false, Thread.currentThread().getContextClassLoader());
            return Stream.of(type.getDeclaredMethods())
                    .filter(method -> method.getName().equals(name))
                    .filter(method -> !method.isSynthetic());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("There is no class any more for " + place, e);
        }
    }

    private static Method only(String place, List<Method> found) {
        if (found.size() != 1) {
            throw new IllegalStateException("expected one method " + place + ", found " + found);
        }
        return found.get(0);
    }

    @Override
    public String toString() {
        return name;
    }
}
