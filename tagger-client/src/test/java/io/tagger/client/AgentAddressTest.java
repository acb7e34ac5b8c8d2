package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tagger.client.AgentAddress.TcpFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentAddressTest {
    @TempDir
    Path directory;

    private final Map<String, String> environment = new HashMap<>();
    private String file = "";

    @Test
    void firstThatIsSetCounts() throws Exception {
        assertThat(find("")).isEqualTo(Endpoint.Unix.ofMachine(Map.of()));
        file = "tagger.ipc.socket = /of/the/agent";
        assertThat(find("")).isEqualTo(new Endpoint.Unix(Path.of("/of/the/agent")));
        file += "\ntagger.client.agent = \"unix:/file\"";
        assertThat(find("")).isEqualTo(new Endpoint.Unix(Path.of("/file")));
        environment.put("TAGGER_IPC_SOCKET", "/old/name");
        assertThat(find("")).isEqualTo(new Endpoint.Unix(Path.of("/old/name")));
        environment.put("TAGGER_CLIENT_AGENT", "tls://node7:7733");
        assertThat(find("")).isEqualTo(new Endpoint.Tcp("node7", 7733, true, Optional.empty(), Optional.empty()));
        assertThat(find("unix:///option")).isEqualTo(new Endpoint.Unix(Path.of("/option")));
    }

    @Test
    void files_comeFromTheOptionsOrTheSettings() throws Exception {
        Path authority = Files.writeString(directory.resolve("ca.pem"), "x");
        Path token = Files.writeString(directory.resolve("token"), "x");
        file = "tagger.client { authority = \"" + authority + "\" }";

        assertThat(AgentAddress.find(
                        Optional.of("tls://n:1"),
                        new TcpFiles(Optional.empty(), Optional.of(token.toString())),
                        settings()))
                .isEqualTo(new Endpoint.Tcp("n", 1, true, Optional.of(authority), Optional.of(token)));
    }

    @Test
    void fileThatIsNamedAndNotThere_isRefused_unlessNothingNeedsIt() throws Exception {
        file = "tagger.client.token-file = /no/such/token";

        assertThat(find("")).isInstanceOf(Endpoint.Unix.class);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> find("tls://n:1"))
                .withMessageContaining("tagger.client.token-file is '/no/such/token', and there is no such file");
    }

    @Test
    void addressThatIsNone_isRefusedWithItsForms() throws Exception {
        environment.put("TAGGER_CLIENT_AGENT", "node7");

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> find(""))
                .withMessageContaining("tagger.client.agent: 'node7'")
                .withMessageContaining("unix:PATH");
    }

    private ProcessSettings settings() throws IOException {
        return ProcessSettings.of(
                new Properties(),
                environment,
                ConfigurationFile.of(Files.writeString(directory.resolve("tagger.conf"), file)));
    }

    private Endpoint find(String option) throws IOException {
        return AgentAddress.find(Optional.of(option).filter(text -> !text.isEmpty()), TcpFiles.OF_SETTINGS, settings());
    }
}
