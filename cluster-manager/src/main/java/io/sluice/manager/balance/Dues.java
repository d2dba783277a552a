package io.sluice.manager.balance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What is due to each shard. Pure. */
final class Dues {

    /** What is less is an error of the arithmetic. */
    private static final double ROUNDING = 1e-6;

    /** More bits than a double has. */
    private static final int HALVINGS = 100;

    private Dues() {}

    /** All of it in proportion to the weights, of which one at least is positive. */
    static double[] byWeight(double[] carries, int[] weights) {
        double total =
                IntStream.range(0, carries.length).mapToDouble(i -> carries[i]).sum();
        double weight = IntStream.of(weights).asDoubleStream().sum();
        double[] dues = new double[carries.length];
        for (int i = 0; i < dues.length; i++) {
            dues[i] = total * weights[i] / weight;
        }
        return dues;
    }

    /** What one shard carries goes to those that carry least by their weights; the others keep what they have. */
    static double[] without(int leaving, double[] carries, int[] weights) {
        double low = 0;
        double high =
                IntStream.range(0, carries.length).mapToDouble(i -> carries[i]).sum();
        for (int i = 0; i < HALVINGS; i++) {
            double level = (low + high) / 2;
            if (added(level, leaving, carries, weights) > carries[leaving]) {
                high = level;
            } else {
                low = level;
            }
        }
        double[] dues = carries.clone();
        for (int i = 0; i < dues.length; i++) {
            dues[i] = i == leaving ? 0 : Math.max(carries[i], low * weights[i]);
        }
        return dues;
    }

    private static double added(double level, int leaving, double[] carries, int[] weights) {
        return IntStream.range(0, carries.length)
                .filter(i -> i != leaving)
                .mapToDouble(i -> Math.max(0, level * weights[i] - carries[i]))
                .sum();
    }

    /** Whole numbers with the same sum, which is one: what is left over goes where it spares a move. */
    static double[] whole(double[] dues, double[] carries) {
        double[] whole = new double[dues.length];
        double left = 0;
        for (int i = 0; i < dues.length; i++) {
            whole[i] = Math.floor(dues[i] + ROUNDING);
            left += dues[i] - whole[i];
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, dues.length)
                .filter(i -> dues[i] - whole[i] > ROUNDING)
                .boxed()
                .toList());
        order.sort(Comparator.comparing((Integer i) -> carries[i] <= whole[i]).thenComparing(i -> whole[i] - dues[i]));
        for (int i = 0; i < Math.round(left); i++) {
            whole[order.get(i)]++;
        }
        return whole;
    }
}
