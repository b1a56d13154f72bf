"""A training service in a process of its own with one long job: `python -m … <folder>`; prints the job's name."""

import sys
import time
from pathlib import Path

from services.chassis import testing
from tests.integration.training_service import worlds
from whetstone.training.v1 import training_pb2_grpc


def main(folder: Path) -> None:
    datasets = worlds.FakeDatasets(folder)
    datasets.add(worlds.DATASET, steps=2000, pause=0.05)
    with testing.served(worlds.open_service(folder, datasets, worlds.FakeServer())) as channel:
        job = training_pb2_grpc.TrainingServiceStub(channel).CreateTrainingJob(worlds.job_request())
        print(job.name, flush=True)
        time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
