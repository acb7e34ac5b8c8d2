package io.tagger.ipc.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Compares the protocol with {@code protocol.txt}, the last promise: no promised part may be changed or removed. The
 * next promise will contain the additions.
 */
class CompatibilityTest {
    private static final Path PROMISED = Path.of("protocol.txt");

    @Test
    void nothingThatWasPromised_isChangedOrRemoved_andWhatIsNewIsWrittenDown() throws Exception {
        List<String> promised = Files.readAllLines(PROMISED).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        List<String> now = lines(TaggerProto.getDescriptor());

        assertThat(now)
                .as("a change of the protocol that breaks those who speak it; add a field or a method instead")
                .containsAll(promised);
        assertThat(promised)
                .as("what is new in the protocol is promised from now on; add these lines to %s", PROMISED)
                .containsAll(now);
    }

    private static List<String> lines(FileDescriptor file) {
        List<String> lines = new ArrayList<>();
        file.getServices().forEach(service -> service.getMethods()
                .forEach(method -> lines.add("rpc " + method.getFullName() + "("
                        + (method.isClientStreaming() ? "stream " : "")
                        + method.getInputType().getFullName() + ") returns ("
                        + (method.isServerStreaming() ? "stream " : "")
                        + method.getOutputType().getFullName() + ")")));
        file.getEnumTypes().forEach(type -> constants(type, lines));
        file.getMessageTypes().forEach(type -> fields(type, lines));
        return lines;
    }

    private static void constants(EnumDescriptor type, List<String> lines) {
        type.getValues()
                .forEach(value ->
                        lines.add("enum " + type.getFullName() + ": " + value.getName() + " = " + value.getNumber()));
    }

    private static void fields(Descriptor type, List<String> lines) {
        lines.add("message " + type.getFullName());
        for (FieldDescriptor field : type.getFields()) {
            String kind =
                    switch (field.getJavaType()) {
                        case MESSAGE -> field.getMessageType().getFullName();
                        case ENUM -> field.getEnumType().getFullName();
                        default -> field.getLiteType().name().toLowerCase(Locale.ROOT);
                    };
            lines.add("message " + type.getFullName() + ": " + (field.isRepeated() ? "repeated " : "") + kind + " "
                    + field.getName() + " = " + field.getNumber());
        }
        type.getEnumTypes().forEach(nested -> constants(nested, lines));
        type.getNestedTypes().forEach(nested -> fields(nested, lines));
    }
}
