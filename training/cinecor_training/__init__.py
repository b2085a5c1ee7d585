"""Training of the U-Net that Cinecor runs: data, network, loop. The only place beside the export that imports torch."""
