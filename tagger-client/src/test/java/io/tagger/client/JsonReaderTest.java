package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    private static JsonReader reader(String text) {
        return new JsonReader(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void valuesOfAllKinds_areRead() {
        JsonReader json = reader(
                " { \"a\" : [ \"\" , \"x\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\", \"\u00e9\ud83d\ude00\" ] , \"n\":-17,\"t\":true,\"f\":false,"
                        + "\"low\":[],\"skipped\":{\"x\":[1.5e-3,null,{}]},\"lower\":0} ");
        json.object();
        assertThat(json.member()).isEqualTo("a");
        assertThat(json.strings()).containsExactly("", "x\"\\/\b\f\n\r\t\u00e9\ud83d\ude00", "\u00e9\ud83d\ude00");
        assertThat(json.member()).isEqualTo("n");
        assertThat(json.isNumber()).isTrue();
        assertThat(json.number()).isEqualTo(-17);
        assertThat(json.member()).isEqualTo("t");
        assertThat(json.bool()).isTrue();
        assertThat(json.member()).isEqualTo("f");
        assertThat(json.bool()).isFalse();
        assertThat(json.member()).isEqualTo("low");
        assertThat(json.isArray()).isTrue();
        assertThat(json.strings()).isEmpty();
        assertThat(json.member()).isEqualTo("skipped");
        json.skip();
        assertThat(json.member()).isEqualTo("lower");
        assertThat(json.number()).isZero();
        assertThat(json.member()).isNull();
        json.end();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{,\"a\":1}",
                "[1,]",
                "[,1]",
                "[1 2]",
                "\"a",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\n\"",
                "tru",
                "nul",
                "1.",
                "--1",
                "{\"a\":1}x",
                "'a'"
            })
    void textThatIsNone_isMalformed(String text) {
        assertThatExceptionOfType(JsonReader.Malformed.class)
                .isThrownBy(() -> {
                    JsonReader json = reader(text);
                    json.skip();
                    json.end();
                })
                .withMessageContaining("is expected");
    }

    @Test
    void numberOfTooManyDigits_isMalformed() {
        assertThatExceptionOfType(JsonReader.Malformed.class)
                .isThrownBy(() -> reader("1234567890123456789").number());
        assertThatExceptionOfType(JsonReader.Malformed.class)
                .isThrownBy(() -> reader("1.5").number());
    }

    /** What this reader takes, Jackson takes with the same strings. */
    @Test
    void damagedTexts_areReadLikeJackson_orRefused() {
        String line =
                "{\"type\":\"added\",\"entity\":\"container_id://3f\u00e9\",\"complete\":true,\"sources\":[{\"source\":{\"number\":0,"
                        + "\"name\":\"a\\n\\u0041\"},\"low\":{\"tags\":[\"x:1\",\"y:\\\"2\"]},\"high\":[]}],\"n\":[1,-2,3.5e2,null,false]}";
        Random random = new Random(7);
        byte[] good = line.getBytes(StandardCharsets.UTF_8);
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) " \"\\{}[],:0a\n\u007f".charAt(random.nextInt(13));
            }
            List<String> ours;
            try {
                ours = strings(bytes);
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            } catch (JsonReader.Malformed | CharacterCodingException e) {
                continue; // bytes that are no UTF-8 are replaced here, and refused by Jackson
            }
            taken++;
            assertThat(ours).as(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(jackson(bytes));
        }
        assertThat(taken).isGreaterThan(100);
    }

    private static List<String> strings(byte[] bytes) {
        JsonReader json = new JsonReader(bytes);
        List<String> strings = new ArrayList<>();
        collect(json, strings);
        json.end();
        return strings;
    }

    private static void collect(JsonReader json, List<String> strings) {
        if (json.isArray()) {
            json.array();
            while (json.item()) {
                collect(json, strings);
            }
        } else if (json.isNumber()) {
            json.skip();
        } else if (json.isObject()) {
            json.object();
            for (String name = json.member(); name != null; name = json.member()) {
                strings.add(name);
                collect(json, strings);
            }
        } else if (json.isString()) {
            strings.add(json.string());
        } else {
            json.skip();
        }
    }

    private static List<String> jackson(byte[] bytes) {
        List<String> strings = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(bytes)) {
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                switch (token) {
                    case FIELD_NAME -> strings.add(parser.currentName());
                    case VALUE_STRING -> strings.add(parser.getText());
                    default -> {} // no string
                }
            }
        } catch (IOException e) {
            return List.of("Jackson refuses: " + e.getMessage());
        }
        return strings;
    }
}
