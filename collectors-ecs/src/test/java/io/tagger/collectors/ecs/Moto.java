package io.tagger.collectors.ecs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * moto, a server with the behaviour of AWS, at {@code TESTS_AWS_ENDPOINT}; its Python, including boto3, is {@code
 * TESTS_AWS_PYTHON}. With {@code TESTS_AWS=required} a missing moto fails the tests, otherwise the tests are
 * skipped with a message.
 */
final class Moto {
    private Moto() {}

    static String endpoint() {
        return of("TESTS_AWS_ENDPOINT");
    }

    /** Resets the server, and freezes the states of tasks. */
    static void reset() throws IOException, InterruptedException {
        post("/moto-api/reset", "", "application/json");
        post(
                "/moto-api/state-manager/set-transition",
                "{\"model_name\": \"ecs::task\", \"transition\": {\"progression\": \"manual\", \"times\": 1000000}}",
                "application/json");
    }

    /** Starts a machine, and returns its id: {@code i-...}. */
    static String instance() throws IOException, InterruptedException {
        String answer = post(
                "/",
                "Action=RunInstances&Version=2016-11-15&ImageId=ami-12c6146b&MinCount=1&MaxCount=1",
                "application/x-www-form-urlencoded");
        return answer.replaceAll("(?s).*<instanceId>(i-[0-9a-f]+)</instanceId>.*", "$1");
    }

    /** Runs a program with boto3, which checks arguments against the published model of the API. */
    static String python(String program, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(of("TESTS_AWS_PYTHON"), "-c", program).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(printed);
        }
        return printed;
    }

    private static String post(String path, String body, String type) throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(endpoint() + path))
                                .header("Content-Type", type)
                                .header(
                                        "Authorization",
                                        "AWS4-HMAC-SHA256 Credential=test/20261101/eu-west-1/ec2/aws4_request, Signature=none")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private static String of(String variable) {
        String value = System.getenv().getOrDefault(variable, "");
        if ("required".equals(System.getenv("TESTS_AWS"))) {
            if (value.isEmpty()) {
                throw new IllegalStateException("TESTS_AWS=required, but " + variable + " is not set");
            }
        } else {
            assumeTrue(!value.isEmpty(), "no AWS API here: set " + variable + ", as .ci/run does");
        }
        return value;
    }
}
