#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The partition of each key, by librdkafka. Arguments: the partitioner, consistent_random or murmur2_random; a file with
 * the keys, each as an unsigned 16-bit size and its bytes; the numbers of partitions. Prints a line per key, with a
 * partition for each number. Keys must not be empty: librdkafka draws for those.
 */
int main(int argc, char **argv) {
  static unsigned char key[65536];
  int byMurmur2 = strcmp(argv[1], "murmur2_random") == 0;
  FILE *keys = fopen(argv[2], "rb");
  int high;
  if (keys == NULL) return 1;
  while ((high = fgetc(keys)) != EOF) {
    size_t size = (size_t)high << 8 | (size_t)fgetc(keys);
    if (fread(key, 1, size, keys) != size) return 2;
    for (int i = 3; i < argc; i++) {
      int count = atoi(argv[i]);
      /* With a key neither of them looks at the topic. */
      int partition = byMurmur2 ? rd_kafka_msg_partitioner_murmur2(NULL, key, size, count, NULL, NULL)
                                : rd_kafka_msg_partitioner_consistent(NULL, key, size, count, NULL, NULL);
      printf(i > 3 ? " %d" : "%d", partition);
    }
    printf("\n");
  }
  return 0;
}
