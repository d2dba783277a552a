package io.sluice.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CarriedClientTest {

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "2001:db8::7"})
    void theAnnouncedAddressComesAlong(String address) {
        CarriedClient client = new CarriedClient("1YQ==:", new InetSocketAddress(address, 50_000));

        assertThat(CarriedClient.parse(client.text())).isEqualTo(client);
    }

    @Test
    void withoutOneItIsTheStateAlone() {
        CarriedClient client = new CarriedClient("1YQ==:Yg==", null);

        assertThat(client.text()).isEqualTo("1YQ==:Yg==");
        assertThat(CarriedClient.parse(client.text())).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1:@", "1:@/", "1:@c00002/1", "1:@c0000207", "1:@c0000207/x", "1:@c0000207/70000"})
    void anAddressThatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> CarriedClient.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
