package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class KeyPartitionTest {

    @Test
    void partsAreNumberedAsTheirOwnersAppear() {
        KeyPartition partition = KeyPartition.of(new int[] {7, 3, 7, 7, 3, 99}, new int[] {1, 2, 3, 4, 5, 99}, 5, 8);

        assertThat(partition.parts()).isEqualTo(2);
        assertThat(partition.owner(0)).isEqualTo(7);
        assertThat(partition.owner(1)).isEqualTo(3);
        assertThat(partition.partOfKey()).containsExactly(0, 1, 0, 0, 1);
        assertThat(partition.keyArguments()).containsExactly(1, 3, 4, 2, 5);
        assertThat(List.of(partition.begin(0), partition.begin(1), partition.begin(2)))
                .containsExactly(0, 3, 5);
    }

    @RepeatedTest(50)
    void agreesWithAMapOfLists(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int servers = 1 + random.nextInt(20);
        int keys = 1 + random.nextInt(200);
        int[] owners = random.ints(keys, 0, servers).toArray();
        int[] arguments = random.ints(keys, 1, 10_000).toArray();
        Map<Integer, List<Integer>> expected = new LinkedHashMap<>();
        for (int i = 0; i < keys; i++) {
            expected.computeIfAbsent(owners[i], owner -> new ArrayList<>()).add(arguments[i]);
        }

        KeyPartition partition = KeyPartition.of(owners, arguments, keys, servers);

        Map<Integer, List<Integer>> found = new LinkedHashMap<>();
        for (int part = 0; part < partition.parts(); part++) {
            List<Integer> ofPart = new ArrayList<>();
            for (int i = partition.begin(part); i < partition.begin(part + 1); i++) {
                ofPart.add(partition.keyArguments()[i]);
            }
            found.put(partition.owner(part), ofPart);
        }
        assertThat(found).isEqualTo(expected);
        assertThat(new ArrayList<>(found.keySet())).isEqualTo(new ArrayList<>(expected.keySet()));
        for (int key = 0; key < keys; key++) {
            assertThat(partition.owner(partition.partOfKey()[key])).isEqualTo(owners[key]);
        }
    }
}
