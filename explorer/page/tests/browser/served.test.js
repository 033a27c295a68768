// The page as the server has it.

import {suite} from "./suite.js";

suite("served");
