package io.sluice.bench.proxies;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessFiguresTest {

    @Test
    void findsTheFieldsBehindANameWithBlanksAndBrackets() {
        String stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 900 0 12 0 250 150 0 0 20 0 14 0 500 123 456\n";
        String status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";

        ProcessFigures figures = ProcessFigures.parse(stat, status);

        assertThat(figures.userSeconds() / figures.systemSeconds()).isEqualTo(250.0 / 150.0);
        assertThat(figures.rssKilobytes()).isEqualTo(1024);
        assertThat(figures.peakRssKilobytes()).isEqualTo(2048);
    }
}
