"""What the runtime needs of torch, peft, KServe, the blob store and the controller."""
