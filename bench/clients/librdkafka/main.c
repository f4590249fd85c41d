// librdkafka behind the workload contract of bench/workload.ts. One thread produces and polls for delivery reports.
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static long acked, failed;

// The workload is one flat JSON object whose names are all different, so looking for "name": is enough.
static const char *field(const char *json, const char *name) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\":", name);
  const char *at = strstr(json, quoted);
  if (!at) { fprintf(stderr, "no %s in the workload\n", name); exit(1); }
  return at + strlen(quoted);
}
static double number(const char *json, const char *name) { return strtod(field(json, name), NULL); }
static char *text(const char *json, const char *name) {
  const char *from = field(json, name) + 1;
  return strndup(from, strchr(from, '"') - from);
}

static double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}
static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
}
// ru_maxrss survives exec, so it would be the runner's own size; VmHWM is this program's.
static long peak_rss_bytes(void) {
  char line[256];
  long kilobytes = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status)) sscanf(line, "VmHWM: %ld", &kilobytes);
  if (status) fclose(status);
  return kilobytes * 1024;
}

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque) {
  if (message->err) failed++; else acked++;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error)) { fprintf(stderr, "%s\n", error); exit(1); }
}

// Produces until `records` or `duration_ms`, never with more than `outstanding` unsettled. Returns how many it produced.
static long produce(rd_kafka_t *kafka, rd_kafka_topic_t *topic, const char *json, long records, double duration_ms,
                    long outstanding, double *latencies) {
  static char value[1 << 20];
  const size_t size = number(json, "valueBytes");
  const int partitions = number(json, "partitions");
  const char *partitioning = text(json, "partitioning");
  const int fixed = !strcmp(partitioning, "hot") ? 0 : !strcmp(partitioning, "unkeyed") ? RD_KAFKA_PARTITION_UA : -2;
  const long settled_before = acked + failed;
  const double deadline = now_seconds() + duration_ms / 1e3;
  long produced = 0;
  memset(value, 'x', sizeof value);
  while (produced < records) {
    const double start = latencies ? now_seconds() : 0;
    const int partition = fixed == -2 ? produced % partitions : fixed;
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, value, size, NULL, 0, NULL))
      rd_kafka_poll(kafka, 10);  // the queue is full
    produced++;
    while (produced - (acked + failed - settled_before) >= outstanding) rd_kafka_poll(kafka, 100);
    if (latencies) latencies[produced - 1] = now_seconds() - start;
    if (latencies || produced % 1024 == 0) {
      rd_kafka_poll(kafka, 0);
      if (now_seconds() >= deadline) break;
    }
  }
  rd_kafka_flush(kafka, 120000);
  return produced;
}

static int ascending(const void *a, const void *b) {
  const double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

int main(int argc, char **argv) {
  const char *json = argv[1], *mode = text(json, "mode");
  const char *idempotence = strstr(field(json, "idempotent"), "true") == field(json, "idempotent") ? "true" : "false";
  const int awaited = !strcmp(mode, "awaited");
  const long outstanding = awaited ? 1 : !strcmp(mode, "promise") ? (long)number(json, "outstanding") : 1L << 40;
  char linger[32], batch[32], kilobytes[32], error[256];
  snprintf(linger, sizeof linger, "%g", number(json, "lingerMs"));
  snprintf(batch, sizeof batch, "%ld", (long)number(json, "batchSize"));
  snprintf(kilobytes, sizeof kilobytes, "%ld", (long)number(json, "bufferMemory") / 1024);

  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", text(json, "bootstrapServers"));
  set(conf, "acks", "all");
  set(conf, "enable.idempotence", idempotence);
  set(conf, "linger.ms", linger);
  set(conf, "batch.size", batch);
  set(conf, "queue.buffering.max.kbytes", kilobytes);
  set(conf, "queue.buffering.max.messages", "1000000");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (!kafka) { fprintf(stderr, "%s\n", error); return 1; }
  rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka, text(json, "topic"), NULL);

  produce(kafka, topic, json, number(json, "warmupRecords"), number(json, "warmupMs"), outstanding, NULL);
  const long before = acked, records = number(json, "records");
  double *latencies = awaited ? calloc(records, sizeof *latencies) : NULL;
  const double cpu = cpu_seconds(), start = now_seconds();
  const long produced = produce(kafka, topic, json, records, number(json, "durationMs"), outstanding, latencies);
  const double seconds = now_seconds() - start, cpu_used = cpu_seconds() - cpu;

  printf("{\"records\":%ld,\"recordsBefore\":%ld,\"failed\":%ld,\"seconds\":%f,\"cpuSeconds\":%f,\"peakRssBytes\":%ld",
         acked - before, before, failed, seconds, cpu_used, peak_rss_bytes());
  if (latencies) {
    qsort(latencies, produced, sizeof *latencies, ascending);
    #define MS(quantile) (latencies[(long)((produced - 1) * (quantile))] * 1e3)
    printf(",\"latencyMs\":{\"p50\":%f,\"p90\":%f,\"p99\":%f,\"p999\":%f,\"max\":%f}", MS(.5), MS(.9), MS(.99), MS(.999), MS(1));
  }
  printf(",\"settings\":{\"version\":\"%s\",\"acks\":\"all\",\"enable.idempotence\":\"%s\",\"linger.ms\":\"%s\",\"batch.size\":%s,"
         "\"queue.buffering.max.kbytes\":%s,\"queue.buffering.max.messages\":1000000}}\n",
         rd_kafka_version_str(), idempotence, linger, batch, kilobytes);
  return 0;
}
